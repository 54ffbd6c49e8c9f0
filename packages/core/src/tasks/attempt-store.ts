import { z } from 'zod';
import { type CamelRow, camelRow, type Executor, statement } from '../platform/database/index.ts';

/** How one attempt at a task went; there is none for the one under way. */
export const taskAttemptSchema = z.object({
  taskId: z.string(),
  attempt: z.int(),
  agent: z.string(),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime(),
  outcome: z.enum(['completed', 'failed', 'lost', 'cancelled', 'released', 'decomposed', 'handed_over']),
  error: z.json().nullable(),
});
export type TaskAttempt = z.infer<typeof taskAttemptSchema>;

const attempts = statement(
  'tasks.attempts',
  `SELECT a.task_id, a.attempt, a.agent, a.started_at, a.ended_at, a.outcome, a.error FROM task_attempts a
   WHERE a.project_id = $1 AND a.task_id = $2 ORDER BY a.attempt`,
);

/** The attempts that are over, first to last. */
export async function getAttempts(executor: Executor, projectId: string, taskId: string): Promise<TaskAttempt[]> {
  const rows = await executor.query<CamelRow>(attempts, [projectId, taskId]);
  return rows.map((row) => taskAttemptSchema.parse(camelRow(row)));
}
