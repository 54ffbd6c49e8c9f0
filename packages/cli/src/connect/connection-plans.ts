import type { AgentFile } from './connectable-agent.ts';
import { type ChangedFile, digestOf } from './connection-record.ts';
import { bytesOf, type FilePlan } from './file-plan.ts';
import type { Launch } from './launch.ts';

/** What connecting would do. @throws UsageError where a file cannot be read */
export async function connectPlans(files: readonly AgentFile[], launch: Launch): Promise<FilePlan[]> {
  return Promise.all(
    files.map(async ({ path, connect }) => {
      const before = await bytesOf(path);
      return { path, before, after: connect(before, launch) };
    }),
  );
}

/**
 * What disconnecting would do: files that nobody has changed since are put back as they were, byte for byte; of others
 * what is ours is taken out, and all else stays. @throws UsageError where a file cannot be read any more
 */
export async function disconnectPlans(
  files: readonly AgentFile[],
  recorded: readonly ChangedFile[],
): Promise<FilePlan[]> {
  return Promise.all(
    files.map(async ({ path, disconnect }) => {
      const now = await bytesOf(path);
      const record = recorded.find((one) => one.path === path);
      if (now === null) return { path, before: null, after: null };
      if (record && digestOf(now) === record.after) {
        const after = record.before === null ? null : Buffer.from(record.before, 'base64');
        return { path, before: now, after, alsoDirectory: record.madeDirectory };
      }
      return { path, before: now, after: disconnect(now) };
    }),
  );
}
