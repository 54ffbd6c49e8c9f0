import type { Transaction } from '../../platform/database/index.ts';
import { readHead } from '../journal-read-store.ts';
import type { SessionStates } from '../state/session-states.ts';
import { readWholeEvents } from '../whole-events.ts';
import { insertFrames } from './frame-store.ts';
import { FrameWriter } from './frame-writer.ts';
import { advanceRecording, type HeldRecording } from './recording-store.ts';

/** Events that one transaction records at most. */
const BATCH = 200;

/**
 * Writes the next frames of a held recording, from what the journal has committed: there is no second way in, so the two cannot
 * differ, and what was not recorded before a crash can be afterwards.
 * @param options.toSeq the last event to record.
 * @param options.snapshot whether a snapshot is to follow, where anything changed since the last one; said by this time.
 * @returns whether there is more to record; `gone` where the session is no more.
 */
export async function recordFrames(
  states: SessionStates,
  tx: Transaction,
  held: HeldRecording,
  { toSeq = Number.MAX_SAFE_INTEGER - 1, snapshot = null }: { toSeq?: number; snapshot?: string | null } = {},
): Promise<'more' | 'caught-up' | 'gone'> {
  const { projectId, sessionId, lastSeq } = held;
  if (!(await readHead(tx, projectId, sessionId))) return 'gone';
  const events = await readWholeEvents(tx, projectId, sessionId, { afterSeq: lastSeq, toSeq, limit: BATCH });
  const more = events.length === BATCH;
  const unsaid = held.snapshotFrames === 0 || held.snapshotSeq < lastSeq + events.length;
  if (events.length === 0 && (snapshot === null || !unsaid)) return 'caught-up';
  const writer = new FrameWriter(sessionId, held.settings, {
    ...held,
    state: await states.at(projectId, sessionId, lastSeq, tx),
    snapshot: held.snapshotFrames === 0 ? null : await states.at(projectId, sessionId, held.snapshotSeq, tx),
  });
  for (const event of events) writer.event(event);
  if (snapshot !== null && !more) writer.snapshot(snapshot);
  await insertFrames(tx, held.id, writer.frames);
  const { progress } = writer;
  const snapshotSeq = progress.snapshot?.seq ?? held.snapshotSeq;
  const snapshotAt = progress.snapshotFrames === held.snapshotFrames ? null : snapshot;
  await advanceRecording(tx, projectId, held.id, { ...progress, lastSeq: progress.state.seq, snapshotSeq, snapshotAt });
  return more ? 'more' : 'caught-up';
}
