import { z } from 'zod';
import type { Database, Transaction } from '../../platform/database/index.ts';
import { parseInput, SignalboxError } from '../../platform/errors/index.ts';
import { chained, decodeFrame, EMPTY_HEAD, encodeFrame, type StoredFrame } from './frame-code.ts';
import { AT_START, type FramePlace, insertFrames, readFrames } from './frame-store.ts';
import { frameSchema, recordingSchema } from './recording.ts';
import { advanceRecording, holdRecording, insertRecording } from './recording-store.ts';
import { RecordingCheck } from './validate-recording.ts';

const FORMAT = 'signalbox.recording/1';
const PAGE = 500;
const hex = z.string().regex(/^[0-9a-f]{64}$/, 'must be a hex SHA-256');

/** A recording with all its frames, as it goes into a file. */
export const exportedRecordingSchema = z.strictObject({
  format: z.literal(FORMAT),
  recording: recordingSchema.pick({
    sessionId: true,
    title: true,
    settings: true,
    baseSeq: true,
    lastSeq: true,
    startedAt: true,
    endedAt: true,
    eventFrames: true,
    snapshotFrames: true,
  }),
  /** Hash over all frames. */
  head: hex,
  frames: z.array(z.strictObject({ checksum: hex, frame: frameSchema.strict() })).max(1_000_000),
});
export type ExportedRecording = z.infer<typeof exportedRecordingSchema>;

/** @throws RECORDING_NOT_FOUND, RECORDING_UNDER_WAY, RECORDING_DAMAGED */
export async function exportRecording(database: Database, projectId: string, id: string): Promise<ExportedRecording> {
  return database.transaction(async (tx) => {
    const held = await holdRecording(tx, projectId, id);
    if (!held) throw new SignalboxError('RECORDING_NOT_FOUND', { id });
    if (held.status === 'recording') throw new SignalboxError('RECORDING_UNDER_WAY', { id });
    const frames: ExportedRecording['frames'] = [];
    for (let after: FramePlace | null = AT_START; after; ) {
      const page: StoredFrame[] = await readFrames(tx, projectId, id, { after, limit: PAGE });
      for (const stored of page) {
        const decoded = decodeFrame(stored, held.sessionId);
        if (!decoded) throw new SignalboxError('RECORDING_DAMAGED', { id, seq: stored.seq });
        frames.push({ checksum: stored.checksum.toString('hex'), frame: decoded.frame });
      }
      const last = page.at(-1);
      after = last && page.length === PAGE ? { seq: last.seq, kind: last.kind } : null;
    }
    const { sessionId, title, settings, baseSeq, lastSeq, startedAt, endedAt, eventFrames, snapshotFrames } = held;
    const recording = { sessionId, title, settings, baseSeq, lastSeq, startedAt, endedAt, eventFrames, snapshotFrames };
    return { format: FORMAT, recording, head: held.head.toString('hex'), frames };
  });
}

/**
 * Keeps an exported recording as one of this project, after checking all of it. Answers the session it was recorded from.
 * @throws VALIDATION_FAILED, UNKNOWN_FIELD; RECORDING_INVALID with what does not fit
 */
export async function importRecording(
  tx: Transaction,
  projectId: string,
  id: string,
  document: unknown,
  actor: string,
): Promise<string> {
  const { recording, head, frames } = parseInput(exportedRecordingSchema, document);
  const { sessionId, settings } = recording;
  const stored = frames.map(({ frame, checksum }) => ({
    ...encodeFrame(frame, sessionId, settings.compression),
    // Its own word for it: a frame that was changed in the file does not fit it.
    checksum: Buffer.from(checksum, 'hex'),
  }));
  const bytes = Buffer.from(head, 'hex');
  const check = new RecordingCheck(recording, bytes);
  for (const frame of stored) check.look(frame);
  const [finding] = check.finish();
  if (finding) {
    const where = finding.seq === null ? 'it' : `${finding.kind} ${finding.seq}`;
    throw new SignalboxError('RECORDING_INVALID', { reason: `${where}: ${finding.reason}` });
  }
  const { startedAt, endedAt, title, baseSeq } = recording;
  const made = { id, projectId, sessionId, title, settings, baseSeq, startedAt, createdBy: actor, recorder: null };
  await insertRecording(tx, { ...made, ended: { at: endedAt ?? startedAt, reason: 'imported' }, head: EMPTY_HEAD });
  for (let at = 0; at < stored.length; at += PAGE) await insertFrames(tx, id, stored.slice(at, at + PAGE));
  const snapshots = stored.filter(({ kind }) => kind === 'snapshot');
  await advanceRecording(tx, projectId, id, {
    ...recording,
    snapshotSeq: snapshots.at(-1)?.seq ?? baseSeq,
    snapshotAt: null,
    rawBytes: stored.reduce((sum, frame) => sum + frame.rawBytes, 0),
    storedBytes: stored.reduce((sum, frame) => sum + frame.body.length, 0),
    head: stored.reduce((sum: Buffer, frame) => chained(sum, frame.checksum), EMPTY_HEAD),
  });
  return sessionId;
}
