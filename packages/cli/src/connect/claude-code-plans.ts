import { join } from 'node:path';
import { UsageError } from '../usage-error.ts';
import { type Launch, withHooks, withoutHooks, withoutServer, withServer } from './claude-code-config.ts';
import { type ChangedFile, digestOf } from './connection-record.ts';
import { bytesOf, type FilePlan } from './file-plan.ts';
import { type JsonText, jsonText } from './settings-text.ts';

type Change = (settings: Record<string, unknown>) => Record<string, unknown>;

/** The files of a project that Claude Code reads, and what is ours in each. */
function files(directory: string, local: boolean) {
  return [
    {
      path: join(directory, '.claude', local ? 'settings.local.json' : 'settings.json'),
      connect: withHooks,
      disconnect: withoutHooks,
    },
    { path: join(directory, '.mcp.json'), connect: withServer, disconnect: withoutServer },
  ];
}

/** What connecting would do. @throws UsageError where a file is no JSON */
export async function connectPlans(directory: string, local: boolean, launch: Launch): Promise<FilePlan[]> {
  return Promise.all(
    files(directory, local).map(async ({ path, connect }) => {
      const before = await bytesOf(path);
      return { path, before, after: changed(path, before, (settings) => connect(settings, launch)) };
    }),
  );
}

/**
 * What disconnecting would do: files that nobody has changed since are put back as they were, byte for byte; of others
 * what is ours is taken out, and all else stays. @throws UsageError where a file is no JSON any more
 */
export async function disconnectPlans(directory: string, recorded: readonly ChangedFile[]): Promise<FilePlan[]> {
  const known = [...files(directory, false), ...files(directory, true).slice(0, 1)];
  return Promise.all(
    known.map(async ({ path, disconnect }) => {
      const now = await bytesOf(path);
      const record = recorded.find((one) => one.path === path);
      if (now === null) return { path, before: null, after: null };
      if (record && digestOf(now) === record.after) {
        const after = record.before === null ? null : Buffer.from(record.before, 'base64');
        return { path, before: now, after, alsoDirectory: record.madeDirectory };
      }
      return { path, before: now, after: changed(path, now, disconnect) };
    }),
  );
}

/** The bytes with a change to what they say; the same ones where it changes nothing. */
function changed(path: string, before: Buffer | null, change: Change): Buffer | null {
  let text: JsonText;
  try {
    text = jsonText(before?.toString('utf8') ?? null);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${path} cannot be read as JSON (${why}). Mend it, then try again; nothing was changed.`);
  }
  const wanted = change(text.value);
  if (JSON.stringify(wanted) === JSON.stringify(text.value)) return before;
  return Buffer.from(text.write(wanted), 'utf8');
}
