import { type Executor, statement } from '../platform/database/index.ts';

/** A ready task, as far as the choice of an agent for it needs to know. */
export interface AssignableTask {
  taskId: string;
  type: string;
  required: string[];
  /** Who had it last, if that went wrong. */
  failedBy: string | null;
  /** Where it is at home: its workspace, the directories of its paths. */
  places: string[];
  /** Where it stands in its queues' order. */
  place: AssignablePlace;
}

export interface AssignablePlace {
  priority: number;
  runAt: string;
  taskId: string;
}

const requirements = statement(
  'tasks.requirements',
  `SELECT DISTINCT x.requirement FROM task_ready r CROSS JOIN unnest(r.required) AS x (requirement)
   WHERE r.project_id = $1 AND r.queue = ANY ($2::text[]) AND cardinality(r.required) > 0`,
);

/** Everything that ready tasks of these queues require of agents. */
export async function findRequirements(
  executor: Executor,
  projectId: string,
  queues: readonly string[],
): Promise<string[]> {
  const rows = await executor.query<{ requirement: string }>(requirements, [projectId, queues]);
  return rows.map(({ requirement }) => requirement);
}

const assignable = statement(
  'tasks.assignable',
  `SELECT x.task_id, x.type, x.required, x.priority, x.run_at::text AS run_at, CASE WHEN t.failures > 0 THEN t.claimed_by END AS failed_by,
     coalesce(sb_task_places(t.session_id, t.payload), '{}') AS places
   FROM (
     SELECT r.* FROM unnest($2::text[]) AS n (queue) LEFT JOIN task_queues q ON q.project_id = $1 AND q.name = n.queue
     CROSS JOIN LATERAL (
       SELECT r.* FROM task_ready r WHERE r.project_id = $1 AND r.queue = n.queue AND r.run_at <= now() AND r.required <@ $3::text[]
         AND (r.give_up_at IS NULL OR r.give_up_at > now())
         AND (r.priority, r.run_at, r.task_id) > ($4::smallint, $5::timestamptz, $6::uuid)
       ORDER BY r.priority, r.run_at, r.task_id LIMIT $7) r
     WHERE q.paused IS NOT TRUE
     ORDER BY r.priority, r.run_at, r.task_id LIMIT $7) x
   JOIN tasks t ON t.id = x.task_id ORDER BY x.priority, x.run_at, x.task_id`,
);

interface AssignableRow {
  task_id: string;
  type: string;
  required: string[];
  priority: number;
  run_at: string;
  failed_by: string | null;
  places: string[];
}

const BEFORE_ALL: AssignablePlace = {
  priority: -1,
  runAt: '-infinity',
  taskId: '00000000-0000-0000-0000-000000000000',
};

/**
 * Ready tasks of several queues in one order, by priority, then by arrival (COORD-21), a page at a time.
 * @param able tasks that require something else are left out.
 */
export async function findAssignable(
  executor: Executor,
  projectId: string,
  queues: readonly string[],
  able: readonly string[],
  after: AssignablePlace | null,
  limit: number,
): Promise<AssignableTask[]> {
  const from = after ?? BEFORE_ALL;
  const values = [projectId, queues, able, from.priority, from.runAt, from.taskId, limit];
  const rows = await executor.query<AssignableRow>(assignable, values);
  return rows.map(({ task_id, type, required, priority, run_at, failed_by, places }) => ({
    taskId: task_id,
    type,
    required,
    failedBy: failed_by,
    places,
    place: { priority, runAt: run_at, taskId: task_id },
  }));
}
