import { hookWords, type Launch, serverWords } from './launch.ts';
import { objectIn } from './settings-text.ts';

/** Seconds that Claude Code gives hooks for which nobody is waited. */
const UNGATED_SECONDS = 60;
const GATED = 'PreToolUse';
const EVENTS = [
  'SessionStart',
  'UserPromptSubmit',
  GATED,
  'PostToolUse',
  'PostToolUseFailure',
  'PermissionDenied',
  'Notification',
  'SubagentStart',
  'SubagentStop',
  'PreCompact',
  'PostCompact',
  'Stop',
  'StopFailure',
  'SessionEnd',
];
/** By it our own entries are told from those of others. */
const OURS = /\bhook claude-code\b/;
const SERVER = 'signalbox';

type Settings = Record<string, unknown>;

/** Settings with our hooks, each once; all else as it is. */
export function withHooks(settings: Settings, launch: Launch): Settings {
  const hooks = objectIn(withoutHooks(settings).hooks);
  for (const event of EVENTS) {
    const gated = event === GATED;
    const command = hookWords('claude-code', launch, gated).map(quoted).join(' ');
    const timeout = gated ? launch.gatedSeconds : UNGATED_SECONDS;
    const others = Array.isArray(hooks[event]) ? hooks[event] : [];
    hooks[event] = [...others, { hooks: [{ type: 'command', command, timeout }] }];
  }
  return { ...settings, hooks };
}

/** Settings without them. What they leave empty goes as well. */
export function withoutHooks(settings: Settings): Settings {
  const { hooks, ...rest } = settings;
  if (hooks === undefined) return settings;
  const kept: Settings = {};
  for (const [event, groups] of Object.entries(objectIn(hooks))) {
    const left = Array.isArray(groups) ? groups.flatMap(withoutOurs) : groups;
    if (!Array.isArray(left) || left.length > 0) kept[event] = left;
  }
  if (Object.keys(kept).length === 0) return rest;
  // In its place among the others.
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, name === 'hooks' ? kept : value]));
}

export function withServer(settings: Settings, launch: Launch): Settings {
  const [command, ...args] = serverWords(launch);
  return { ...settings, mcpServers: { ...objectIn(settings.mcpServers), [SERVER]: { command, args } } };
}

export function withoutServer(settings: Settings): Settings {
  const { [SERVER]: _ours, ...others } = objectIn(settings.mcpServers);
  if (settings.mcpServers === undefined || Object.keys(others).length > 0)
    return settings.mcpServers === undefined ? settings : { ...settings, mcpServers: others };
  const { mcpServers: _empty, ...rest } = settings;
  return rest;
}

/** One group of hooks without ours; none where nothing is left of it. */
function withoutOurs(group: unknown): unknown[] {
  const { hooks } = objectIn(group);
  if (!Array.isArray(hooks)) return [group];
  const left = hooks.filter((each) => !OURS.test(String(objectIn(each).command)));
  if (left.length === hooks.length) return [group];
  return left.length === 0 ? [] : [{ ...objectIn(group), hooks: left }];
}

/** A word as the shell takes it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
