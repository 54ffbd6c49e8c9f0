import { setExpiry } from '../../journal/index.ts';
import type { Transaction } from '../../platform/database/index.ts';
import { parseInput, SignalboxError } from '../../platform/errors/index.ts';
import { checkAlive } from '../held-sessions.ts';
import type { RuntimeSessionRef } from '../runtime.ts';
import { type Json, placeOf } from '../session.ts';
import type { SessionScope } from '../session-parts.ts';
import { getSessions } from '../session-store.ts';
import {
  type Checkpoint,
  type CheckpointCapture,
  type CheckpointReason,
  type CreateCheckpoint,
  createCheckpointSchema,
} from './checkpoint.ts';
import { takeCheckpoint } from './take-checkpoint.ts';

/** What a caller of this program knows beside what callers may say. */
export interface CheckpointFacts {
  reason?: CheckpointReason;
  capture?: CheckpointCapture | null;
  runtimeSession?: RuntimeSessionRef | null;
}

/**
 * ORC-145: appends the next checkpoint; n callers at once get n consecutive numbers. The session's version stays.
 * @throws SESSION_NOT_FOUND, SESSION_EXPIRED, VALIDATION_FAILED, UNKNOWN_FIELD
 */
export async function addCheckpoint(
  scope: SessionScope,
  projectId: string,
  sessionId: string,
  input: CreateCheckpoint,
  facts: CheckpointFacts = {},
): Promise<Checkpoint> {
  const { graceTTL, includeFailureSnapshot, ...given } = parseInput(createCheckpointSchema, input);
  const capture = facts.capture === undefined ? await capturedNow(scope, projectId, sessionId) : facts.capture;
  return scope.write(async (tx) => {
    const [session] = await getSessions(tx, projectId, [sessionId]);
    if (!session) throw new SignalboxError('SESSION_NOT_FOUND', { id: sessionId });
    checkAlive(session, scope.clock.now());
    const checkpoint = await takeCheckpoint(scope, tx, session, {
      ...given,
      data: given.data as Json,
      reason: facts.reason ?? 'request',
      journalSeq: null,
      ...(capture && { capture }),
      ...(facts.runtimeSession !== undefined && { runtimeSession: facts.runtimeSession }),
      includeFailureSnapshot,
    });
    if (graceTTL !== undefined) await grant(scope, tx, projectId, sessionId, graceTTL);
    return checkpoint;
  });
}

/** The files as they are at this moment; null where they are not to be had here: then the last capture stands for them. */
async function capturedNow(
  scope: SessionScope,
  projectId: string,
  sessionId: string,
): Promise<CheckpointCapture | null> {
  if (!scope.captureNow) return null;
  const [session] = await getSessions(scope.read, projectId, [sessionId]);
  const place = session ? placeOf(session) : null;
  return place === null ? null : scope.captureNow(projectId, place, sessionId);
}

/** SES-104: the session ends after that time unless anything happens; an event or a join renews its own lifetime. */
async function grant(scope: SessionScope, tx: Transaction, projectId: string, sessionId: string, seconds: number) {
  await setExpiry(tx, projectId, sessionId, new Date(scope.clock.now().getTime() + seconds * 1000));
}
