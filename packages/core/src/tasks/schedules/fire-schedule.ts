import type { Transaction } from '../../platform/database/index.ts';
import { SignalboxError } from '../../platform/errors/index.ts';
import { recordFeed } from '../../platform/feed/index.ts';
import type { TaskWrites } from '../task-writes.ts';
import { type FiringPlan, planFiring } from './plan-firing.ts';
import type { Schedule, SkipReason } from './schedule.ts';
import { type FiringOutcome, writeFiring } from './schedule-store.ts';

/** A schedule that is due, held by the transaction. */
export interface DueSchedule {
  schedule: Schedule & { nextRunAt: string };
  /** Whether the task of its last time is not over. */
  busy: boolean;
  now: Date;
}

/** Does what a schedule that is due asks for, and notes what came of it. One that cannot be fired does not hold up others. */
export async function fireSchedule(tx: Transaction, tasks: TaskWrites, due: DueSchedule): Promise<void> {
  const { schedule, busy } = due;
  const { projectId, id, overlap } = schedule;
  const plan = planOf(due);
  const outcome: FiringOutcome = { next: plan.next, run: null, skipped: plan.skipped };
  for (const at of plan.fire) {
    // The task of the time before, if that fired just now, is not over either.
    const reason =
      overlap === 'skip' && (busy || outcome.run) ? 'overlap' : await enqueueAt(tasks, schedule, at, outcome);
    if (reason) outcome.skipped = { at, reason };
  }
  await writeFiring(tx, projectId, id, outcome);
  const payload = { scheduleId: id, change: outcome.run ? 'fired' : 'skipped', taskId: outcome.run?.taskId ?? null };
  await recordFeed(tx, projectId, 'schedule', payload);
}

/** What is to be done; nothing any more where this program cannot read its times, as with a time zone that it does not know. */
function planOf({ schedule, now }: DueSchedule): Pick<FiringPlan, 'fire' | 'next'> & Pick<FiringOutcome, 'skipped'> {
  const due = new Date(schedule.nextRunAt);
  try {
    const { missed, ...plan } = planFiring(schedule, due, now);
    return { ...plan, skipped: missed ? { at: missed, reason: 'missed' } : null };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { fire: [], next: null, skipped: { at: due, reason: 'times_unreadable' } };
  }
}

/** Enqueues the task of one time; answers why it could not be. */
async function enqueueAt(
  tasks: TaskWrites,
  { projectId, id, name, task }: Schedule,
  at: Date,
  outcome: FiringOutcome,
): Promise<SkipReason | null> {
  const idempotencyKey = `schedule:${id}:${at.toISOString()}`;
  try {
    const { taskId } = await tasks.enqueue(projectId, { ...task, idempotencyKey, createdBy: `schedule:${name}` });
    outcome.run = { at, taskId };
    return null;
  } catch (error) {
    if (SignalboxError.is(error, 'QUEUE_DRAINING')) return 'queue_draining';
    if (SignalboxError.is(error, 'IDEMPOTENCY_CONFLICT') || SignalboxError.is(error, 'VALIDATION_FAILED')) {
      return 'task_refused';
    }
    throw error;
  }
}
