import type { Database } from '../platform/database/index.ts';
import { dropActivity } from './activity-store.ts';
import { deleteExpiredKeys, deleteOldPredictions, deleteOldTasks, type OldTasksStep } from './retention-store.ts';

/** What one statement looks at, so that none holds locks for long. */
const BATCH = 2_000;

/** Days for which what is over is kept (COORD-45). */
export interface TaskRetentionSettings {
  /** Completed, cancelled and skipped tasks. */
  retentionDays: number;
  /** Failed and dead ones, which somebody may want to redrive. */
  failedRetentionDays: number;
  /** Figures of what happened minute by minute. */
  activityDays: number;
}

/** How much was deleted. */
export interface TaskRetentionReport {
  tasks: number;
  keys: number;
  minutes: number;
  predictions: number;
}

/** Deletes what has been over for long enough, in every project, in bounded batches. Several nodes may do so at once. */
export async function retireTasks(
  database: Database,
  settings: TaskRetentionSettings,
  batch: number = BATCH,
): Promise<TaskRetentionReport> {
  const report = { tasks: 0, keys: 0, minutes: 0, predictions: 0 };
  let from: string | null = null;
  do {
    const step: OldTasksStep = await deleteOldTasks(database, from, settings, batch);
    report.tasks += step.deleted;
    from = step.next;
  } while (from !== null);
  report.keys = await inBatches((limit) => deleteExpiredKeys(database, limit), batch);
  report.minutes = await inBatches((limit) => dropActivity(database, settings.activityDays, limit), batch);
  // Of tasks that went with their session; the others went with their task.
  const { retentionDays, failedRetentionDays } = settings;
  const days = Math.max(retentionDays, failedRetentionDays);
  report.predictions = await inBatches((limit) => deleteOldPredictions(database, days, limit), batch);
  return report;
}

async function inBatches(step: (limit: number) => Promise<number>, batch: number): Promise<number> {
  for (let total = 0; ; ) {
    const done = await step(batch);
    total += done;
    if (done < batch) return total;
  }
}
