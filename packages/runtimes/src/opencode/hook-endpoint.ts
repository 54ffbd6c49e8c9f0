import type { ToolDecision } from '@signalbox/core';
import { EndpointRefusal, startTokenEndpoint, type TokenEndpoint } from '../loopback/token-endpoint.ts';
import {
  HOOK_ROUTES,
  type ShellHook,
  shellSchema,
  type ToolAfterHook,
  type ToolBeforeHook,
  toolAfterSchema,
  toolBeforeSchema,
} from './hook-protocol.ts';

export interface HookHandlers {
  ready(): void;
  before(hook: ToolBeforeHook): Promise<ToolDecision>;
  /** Answers what is laid over the environment of the shell. */
  shell(hook: ShellHook): Record<string, string>;
  after(hook: ToolAfterHook): Promise<void>;
}

/** Where the plugin asks before and tells after each tool call. Closed, it leaves the plugin to refuse what still waits. */
export type HookEndpoint = TokenEndpoint;

/** The door through which the plugin asks before and tells after each tool call. */
export function startHookEndpoint(token: string, handlers: HookHandlers): Promise<HookEndpoint> {
  return startTokenEndpoint(token, async (path, body) => {
    switch (path) {
      case HOOK_ROUTES.ready:
        handlers.ready();
        return {};
      case HOOK_ROUTES.before:
        return handlers.before(valid(toolBeforeSchema.safeParse(body)));
      case HOOK_ROUTES.shell:
        return { environment: handlers.shell(valid(shellSchema.safeParse(body))) };
      case HOOK_ROUTES.after:
        await handlers.after(valid(toolAfterSchema.safeParse(body)));
        return {};
      default:
        throw new EndpointRefusal(404, 'No such hook.');
    }
  });
}

function valid<T>(parsed: { success: true; data: T } | { success: false; error: Error }): T {
  if (parsed.success) return parsed.data;
  throw new EndpointRefusal(400, parsed.error.message);
}
