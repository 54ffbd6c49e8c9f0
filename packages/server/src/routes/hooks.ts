import { type AdoptedSessions, type AdoptedSource, roleAllows } from '@signalbox/core';
import { type HookReport, readClaudeCodeHook, readOpencodeHook } from '@signalbox/runtimes';
import * as contract from '../contract/hooks.ts';
import { hangUpOf } from '../http/hang-up.ts';
import type { Serve } from '../http/serve.ts';

const READERS: Readonly<Record<AdoptedSource, (event: unknown) => HookReport>> = {
  'claude-code': readClaudeCodeHook,
  opencode: readOpencodeHook,
};

export function hookRoutes(serve: Serve, adopted: AdoptedSessions): void {
  serve(contract.reportHook, async ({ params, body }, { projectId, principal, actor, request }) => {
    const { source } = params;
    const { eventId, at = null, late, waitSeconds, final } = body;
    const { conversation, directory, event } = READERS[source](body.event);
    const report = { source, eventId, conversation, at, late, waitSeconds, final, event };
    const { signal, forget } = hangUpOf(request);
    // Who may not name directories as workspaces cannot do so by way of a hook either.
    const reporter = { actor, mayAddWorkspaces: roleAllows(principal.role, 'operator'), gone: signal };
    try {
      return await adopted.report(projectId, { ...report, directory: body.directory ?? directory }, reporter);
    } finally {
      forget();
    }
  });
}
