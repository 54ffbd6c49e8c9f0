import { join } from 'node:path';
import { changedText } from './changed-file.ts';
import { withHooks, withoutHooks, withoutServer, withServer } from './claude-code-config.ts';
import type { AgentFile } from './connectable-agent.ts';
import type { Launch } from './launch.ts';
import { jsonText } from './settings-text.ts';

type Settings = Record<string, unknown>;

/** The files of a project that Claude Code reads; the settings first. */
export function claudeCodeFiles(directory: string, local: boolean): AgentFile[] {
  return [
    settingsFile(join(directory, '.claude', local ? 'settings.local.json' : 'settings.json'), withHooks, withoutHooks),
    settingsFile(join(directory, '.mcp.json'), withServer, withoutServer),
  ];
}

function settingsFile(
  path: string,
  connect: (settings: Settings, launch: Launch) => Settings,
  disconnect: (settings: Settings) => Settings,
): AgentFile {
  return {
    path,
    connect: (before, launch) => changed(path, before, (settings) => connect(settings, launch)),
    disconnect: (now) => changed(path, now, disconnect),
  };
}

/** The bytes with a change to what they say; the same ones where it changes nothing. */
function changed(path: string, before: Buffer | null, change: (settings: Settings) => Settings): Buffer | null {
  let same = false;
  const after = changedText(path, before, (given) => {
    const text = jsonText(given);
    const wanted = change(text.value);
    same = JSON.stringify(wanted) === JSON.stringify(text.value);
    return text.write(wanted);
  });
  return same ? before : after;
}
