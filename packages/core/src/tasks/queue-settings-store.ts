import { type CamelRow, camelRow, type Executor, statement } from '../platform/database/index.ts';
import { defaultQueue, type QueueSettings, queueSettingsSchema } from './queue-settings.ts';

const COLUMNS =
  'name, paused, draining, max_concurrent, max_concurrent_per_key, rate_limit, rate_seconds, version, updated_at';

const get = statement('queues.get', `SELECT ${COLUMNS} FROM task_queues WHERE project_id = $1 AND name = $2`);
const some = statement('queues.some', `SELECT ${COLUMNS} FROM task_queues WHERE project_id = $1 AND name = ANY ($2)`);
const lock = statement(
  'queues.lock',
  `SELECT ${COLUMNS} FROM task_queues WHERE project_id = $1 AND name = $2 FOR UPDATE`,
);
const insert = statement(
  'queues.insert',
  `INSERT INTO task_queues (project_id, name, paused, draining, max_concurrent, max_concurrent_per_key, rate_limit, rate_seconds)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING RETURNING ${COLUMNS}`,
);
const update = statement(
  'queues.update',
  `UPDATE task_queues SET paused = $3, draining = $4, max_concurrent = $5, max_concurrent_per_key = $6, rate_limit = $7,
     rate_seconds = $8, version = version + 1, updated_at = now()
   WHERE project_id = $1 AND name = $2 AND version = $9 RETURNING ${COLUMNS}`,
);

/** What was set about a queue; the defaults where nothing was. */
export async function getQueue(executor: Executor, projectId: string, name: string): Promise<QueueSettings> {
  const [row] = await executor.query<CamelRow>(get, [projectId, name]);
  return row ? toQueue(row) : defaultQueue(name);
}

/** The same for several, in the order of their names. */
export async function getQueues(
  executor: Executor,
  projectId: string,
  names: readonly string[],
): Promise<QueueSettings[]> {
  const rows = await executor.query<CamelRow>(some, [projectId, names]);
  const known = new Map(rows.map(toQueue).map((queue) => [queue.name, queue]));
  return names.map((name) => known.get(name) ?? defaultQueue(name));
}

/** {@link getQueue}, held until the transaction ends; claims under limits wait for it. */
export async function lockQueue(executor: Executor, projectId: string, name: string): Promise<QueueSettings> {
  const [row] = await executor.query<CamelRow>(lock, [projectId, name]);
  return row ? toQueue(row) : defaultQueue(name);
}

/** Writes the settings over those of the version they carry; version 0 makes the row. Null when that is not the version. */
export async function writeQueue(
  executor: Executor,
  projectId: string,
  queue: QueueSettings,
): Promise<QueueSettings | null> {
  const values = [
    projectId,
    queue.name,
    queue.paused,
    queue.draining,
    queue.maxConcurrent,
    queue.maxConcurrentPerKey,
    queue.rate?.limit ?? null,
    queue.rate?.seconds ?? null,
  ];
  const [row] =
    queue.version === 0
      ? await executor.query<CamelRow>(insert, values)
      : await executor.query<CamelRow>(update, [...values, queue.version]);
  return row ? toQueue(row) : null;
}

const writeOut = statement(
  'queues.write_out_claims',
  `SELECT sb_tasks_write_out(ARRAY(SELECT l.token FROM task_leases l WHERE l.project_id = $1 AND NOT l.written))`,
);
const slot = statement(
  'queues.slot_claims',
  `WITH live AS (
     SELECT t.id FROM task_leases l CROSS JOIN unnest(l.task_ids) AS x (id)
     JOIN tasks t ON t.id = x.id AND t.claim_token = l.token
     WHERE l.project_id = $1 AND t.queue = $2 AND NOT t.slotted AND t.status IN ('claimed', 'running')
     ORDER BY t.id FOR UPDATE OF t
   ), marked AS (
     UPDATE tasks t SET slotted = true FROM live WHERE t.id = live.id RETURNING t.id, t.project_id, t.queue, t.concurrency_key
   )
   INSERT INTO task_slots (task_id, project_id, queue, concurrency_key)
   SELECT m.id, m.project_id, m.queue, m.concurrency_key FROM marked m ON CONFLICT DO NOTHING`,
);

/** Lets the claims that there are take their places under limits that are new. The queue is held by the caller. */
export async function slotLiveClaims(executor: Executor, projectId: string, name: string): Promise<void> {
  await executor.query(writeOut, [projectId]);
  await executor.query(slot, [projectId, name]);
}

function toQueue(row: CamelRow): QueueSettings {
  const { rateLimit, rateSeconds, ...queue } = camelRow(row);
  return queueSettingsSchema.parse({
    ...queue,
    rate: rateLimit === null ? null : { limit: rateLimit, seconds: rateSeconds },
  });
}
