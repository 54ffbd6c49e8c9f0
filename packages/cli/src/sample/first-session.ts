import type { Client, JournalEvent, Session } from '@signalbox/client';
import { ensureWorkspace } from '../run/ensure-workspace.ts';
import { copySample } from './sample-files.ts';

const SAMPLE = 'first-session';
const TAG = 'sample';

/** What to show of the sample session while it runs. */
export interface SampleObserver {
  started(session: Session): void;
  event(event: JournalEvent): void;
}

/**
 * Runs the sample session, unless it was run on these data before: a `command` session in which a script mends a failing
 * test in a copy of a small repository.
 * @returns the session as it ended; null when it had been run already, or the signal fired.
 */
export async function runFirstSession(
  client: Client,
  dataDir: string,
  observer: SampleObserver,
  signal: AbortSignal,
): Promise<Session | null> {
  const earlier = await client.sessions.list({ 'tags.json_contains': JSON.stringify([TAG]), pageSize: 1 });
  if (earlier.total > 0) return null;

  const { workspace, agent } = await copySample(dataDir);
  const session = await client.sessions.create({
    title: 'Mend the failing test of the corner shop',
    initialPrompt: 'One test of this project fails. Find out why, mend the source, and verify that all tests pass.',
    description: 'The sample session: a script stands in for a coding agent.',
    runtime: 'command',
    workspaceId: await ensureWorkspace(client, workspace, workspace),
    // The Node that runs us: another one may not be on the path of the runner.
    command: [process.execPath, agent],
    tags: [TAG],
    metadata: { sample: SAMPLE },
    start: true,
  });
  observer.started(session);
  for await (const event of client.journal.tail(session.id, { signal })) observer.event(event);
  return signal.aborted ? null : client.sessions.get(session.id);
}
