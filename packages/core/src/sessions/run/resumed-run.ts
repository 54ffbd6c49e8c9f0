import { z } from 'zod';
import { SessionStates } from '../../journal/index.ts';
import { SignalboxError } from '../../platform/errors/index.ts';
import type { Claim } from '../../tasks/index.ts';
import type { Checkpoint } from '../checkpoints/checkpoint.ts';
import type { Session } from '../session.ts';
import { EarlierCalls } from './earlier-calls.ts';
import type { RunnerParts } from './runner-parts.ts';

const payloadSchema = z.object({
  fromCheckpoint: z.int().min(1),
  unknownCalls: z.enum(['skip', 'retry']).default('retry'),
});

/** A run that goes on from a checkpoint. */
export interface ResumedRun {
  checkpoint: Checkpoint;
  calls: EarlierCalls;
}

/** What the run's task says of where it goes on; null where it says nothing. @throws CHECKPOINT_NOT_FOUND */
export async function resumedRun(
  { database, sessions }: Pick<RunnerParts, 'database' | 'sessions'>,
  claim: Claim,
  session: Session,
): Promise<ResumedRun | null> {
  const payload = payloadSchema.safeParse(claim.payload);
  if (!payload.success) return null;
  const { fromCheckpoint, unknownCalls } = payload.data;
  const { projectId, id } = session;
  const checkpoint = await sessions.getCheckpoint(projectId, id, fromCheckpoint);
  const { openCalls } = await new SessionStates({ database }).at(projectId, id, null);
  const skip = unknownCalls === 'skip' ? openCalls.filter(({ attempt }) => attempt === session.attempt - 1) : [];
  return { checkpoint, calls: await EarlierCalls.of(database, session, skip) };
}

/** @throws RUNTIME_SESSION_GONE where a checkpoint of a runtime that speaks does not say behind what it can go on */
export function forkOf(session: Session, { checkpoint }: ResumedRun) {
  if (checkpoint.runtimeSession !== null || session.runtime === 'command') return checkpoint.runtimeSession;
  const { id, runtime } = session;
  const reason = 'the checkpoint was taken before the runtime had named one';
  throw new SignalboxError('RUNTIME_SESSION_GONE', { id, sequence: checkpoint.sequence, runtime, reason });
}
