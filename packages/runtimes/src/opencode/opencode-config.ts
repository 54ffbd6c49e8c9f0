import type { RunSpec } from '@signalbox/core';
import { z } from 'zod';

const settings = z.record(z.string(), z.unknown());

/**
 * What a session's `agentConfig` may say to this runtime. `default_agent` (ORC-046) and whatever else it holds is kept by
 * the session and not passed on.
 */
export const opencodeAgentConfigSchema = z.looseObject({
  /** The agent that takes the prompt: `build`, `plan`, or one that the configuration defines. */
  agent: z.string().min(1).optional(),
  /** Variant of the model (the effort of its reasoning). */
  variant: z.string().min(1).optional(),
  /** Added to the system prompt. */
  system: z.string().optional(),
  /** Tools to offer or to withhold, by name. */
  tools: z.record(z.string(), z.boolean()).optional(),
  /** OpenCode's own configuration: providers, models, agents, MCP servers, … as in `opencode.json`. */
  opencode: settings.optional(),
});
export type OpencodeAgentConfig = z.infer<typeof opencodeAgentConfigSchema>;

/** A plugin as OpenCode's configuration names it: where it is, and what it is told. */
export type PluginEntry = readonly [location: string, options: Record<string, unknown>];

/**
 * The configuration of one run: the operator's, then the session's, then what must hold in every run. Its own snapshots
 * are off, since captures are Signalbox's; it shares nothing and does not update itself; a refused tool call is an answer
 * to the agent and not the end of its turn.
 */
export function opencodeConfig(
  operator: Readonly<Record<string, unknown>>,
  session: Readonly<Record<string, unknown>>,
  plugin: PluginEntry,
): Record<string, unknown> {
  const { default_agent: _, ...merged } = mergeSettings(operator, session);
  return {
    ...merged,
    plugin: [...(Array.isArray(merged.plugin) ? merged.plugin : []), plugin],
    autoupdate: false,
    share: 'disabled',
    snapshot: false,
    experimental: mergeSettings({ continue_loop_on_deny: true }, settings.catch({}).parse(merged.experimental)),
  };
}

/** Environment that keeps the program from calling out for anything but its model (and ripgrep, where that is missing). */
export const OFFLINE_ENVIRONMENT: Readonly<Record<string, string>> = {
  OPENCODE_DISABLE_AUTOUPDATE: '1',
  OPENCODE_DISABLE_MODELS_FETCH: '1',
  OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
  OPENCODE_DISABLE_DEFAULT_PLUGINS: '1',
  OPENCODE_DISABLE_SHARE: '1',
  // Would leave plugins out, ours among them.
  OPENCODE_PURE: '0',
};

/** `provider/model` in two; a model's own name may hold further slashes. */
export function modelOf(spec: Pick<RunSpec, 'model'>): { providerID: string; modelID: string } | undefined {
  if (spec.model === null) return undefined;
  const slash = spec.model.indexOf('/');
  if (slash < 1) return undefined;
  return { providerID: spec.model.slice(0, slash), modelID: spec.model.slice(slash + 1) };
}

/** Objects are merged key by key, anything else is replaced by what comes later. */
function mergeSettings(
  base: Readonly<Record<string, unknown>>,
  over: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const before = merged[key];
    merged[key] = isSettings(before) && isSettings(value) ? mergeSettings(before, value) : value;
  }
  return merged;
}

function isSettings(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
