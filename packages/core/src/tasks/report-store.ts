import { type Executor, statement } from '../platform/database/index.ts';
import type { ClaimRef } from './task.ts';

/** What the holder of a claim tells of its work: that it has begun, and how far it is where `progress` is given. */
export interface WorkReport {
  claim: ClaimRef;
  progress?: unknown;
}

const report = statement(
  'tasks.report',
  `WITH held AS (
     SELECT t.id, c.n, c.progress, t.status AS was FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::jsonb[]) WITH ORDINALITY
       AS c (project_id, id, token, progress, n)
     JOIN tasks t ON t.id = c.id AND t.project_id = c.project_id
     WHERE t.claim_token = c.token AND t.status IN ('claimed', 'running') AND t.claim_expires_at > now()
     ORDER BY t.id FOR UPDATE OF t
   ), told AS (
     UPDATE tasks t SET status = 'running', progress = coalesce(h.progress, t.progress), updated_at = now(),
       version = t.version + (h.was = 'claimed')::integer
     FROM held h WHERE t.id = h.id RETURNING t.project_id, t.id, h.n
   ), fed AS (
     SELECT sb_tasks_feed(array_agg(d.project_id ORDER BY d.n), array_agg(d.id ORDER BY d.n), array_agg('running'::text)) FROM told d
     HAVING count(*) > 0
   )
   SELECT d.n::integer AS n FROM told d CROSS JOIN (SELECT count(*) FROM fed) f`,
);

/** Notes reports on different tasks in one statement; answers the places of those whose claim stands. */
export async function noteReports(executor: Executor, reports: readonly WorkReport[]): Promise<Set<number>> {
  const rows = await executor.query<{ n: number }>(report, [
    reports.map(({ claim }) => claim.projectId),
    reports.map(({ claim }) => claim.taskId),
    reports.map(({ claim }) => claim.token),
    reports.map(({ progress }) => (progress === undefined ? null : JSON.stringify(progress))),
  ]);
  return new Set(rows.map((row) => row.n - 1));
}
