import { type CamelRow, camelRow, type Executor, statement } from '../platform/database/index.ts';
import { type WebhookDelivery, webhookDeliverySchema } from './webhook.ts';

const COLUMNS = `d.id, d.project_id, d.endpoint_id, d.kind, d.type, d.position, d.status, d.attempts, d.next_attempt_at, d.last_attempt_at,
  d.response_status, d.latency_ms, d.error, d.created_at`;

/** A message that has been written and not been sent. */
export interface NewDelivery {
  id: string;
  kind: WebhookDelivery['kind'];
  type: string;
  position: number | null;
  body: string;
}

const insert = statement(
  'webhook_deliveries.insert',
  `INSERT INTO webhook_deliveries (id, project_id, endpoint_id, kind, type, position, body, status, next_attempt_at)
   SELECT (x.d->>'id')::uuid, $1, $2, x.d->>'kind', x.d->>'type', (x.d->>'position')::bigint, x.d->>'body', 'pending', $4::timestamptz
   FROM jsonb_array_elements($3::jsonb) WITH ORDINALITY AS x (d, n) ORDER BY x.n`,
);

/** Queues messages for an endpoint, in this order. */
export async function insertDeliveries(
  db: Executor,
  projectId: string,
  endpointId: string,
  deliveries: readonly NewDelivery[],
  at: Date,
): Promise<void> {
  if (deliveries.length > 0) await db.query(insert, [projectId, endpointId, JSON.stringify(deliveries), at]);
}

/** What came of an attempt, as it is kept. */
export interface AttemptResult {
  status: WebhookDelivery['status'];
  /** For one that is tried again. */
  nextAttemptAt: Date | null;
  at: Date;
  responseStatus: number | null;
  latencyMs: number;
  error: string | null;
}

const settle = statement(
  'webhook_deliveries.settle',
  `UPDATE webhook_deliveries d SET status = $4, next_attempt_at = $5, last_attempt_at = $6, response_status = $7, latency_ms = $8, error = $9,
     attempts = d.attempts + 1
   FROM webhook_endpoints e
   WHERE d.project_id = $1 AND d.id = $2 AND d.status = 'pending' AND e.id = d.endpoint_id AND e.lease_token = $3 RETURNING d.id`,
);

/** Writes what came of an attempt; false when the lease under which it was made has been lost. */
export async function settleDelivery(
  db: Executor,
  projectId: string,
  id: string,
  token: string,
  result: AttemptResult,
): Promise<boolean> {
  const { status, nextAttemptAt, at, responseStatus, latencyMs, error } = result;
  const values = [projectId, id, token, status, nextAttemptAt, at, responseStatus, latencyMs, error];
  return (await db.query(settle, values)).length > 0;
}

const insertTest = statement(
  'webhook_deliveries.insert_test',
  `INSERT INTO webhook_deliveries AS d
     (id, project_id, endpoint_id, kind, type, body, status, attempts, last_attempt_at, response_status, latency_ms, error)
   VALUES ($3, $1, $2, 'test', $4, $5, $6, 1, $7, $8, $9, $10) RETURNING ${COLUMNS}`,
);

/** A test with what came of it: it is sent once, and never again. */
export async function insertTestDelivery(
  db: Executor,
  projectId: string,
  endpointId: string,
  test: Omit<NewDelivery, 'kind' | 'position'>,
  result: Omit<AttemptResult, 'nextAttemptAt'>,
): Promise<WebhookDelivery> {
  const { status, at, responseStatus, latencyMs, error } = result;
  const values = [projectId, endpointId, test.id, test.type, test.body, status, at, responseStatus, latencyMs, error];
  const [row] = await db.query<CamelRow>(insertTest, values);
  return toDelivery(row as CamelRow);
}

const get = statement(
  'webhook_deliveries.get',
  `SELECT ${COLUMNS} FROM webhook_deliveries d WHERE d.project_id = $1 AND d.endpoint_id = $2 AND d.id = $3`,
);

export async function getDelivery(
  db: Executor,
  projectId: string,
  endpointId: string,
  id: string,
): Promise<WebhookDelivery | null> {
  const [row] = await db.query<CamelRow>(get, [projectId, endpointId, id]);
  return row ? toDelivery(row) : null;
}

const list = statement(
  'webhook_deliveries.list',
  `SELECT ${COLUMNS} FROM webhook_deliveries d WHERE d.project_id = $1 AND d.endpoint_id = $2 AND ($3::text IS NULL OR d.status = $3)
   ORDER BY d.n DESC LIMIT $4 OFFSET $5`,
);
const count = statement(
  'webhook_deliveries.count',
  `SELECT count(*)::integer AS total FROM webhook_deliveries d
   WHERE d.project_id = $1 AND d.endpoint_id = $2 AND ($3::text IS NULL OR d.status = $3)`,
);

/** Newest first. */
export async function listDeliveries(
  db: Executor,
  projectId: string,
  endpointId: string,
  status: WebhookDelivery['status'] | null,
  limit: number,
  offset: number,
): Promise<{ items: WebhookDelivery[]; total: number }> {
  const rows = await db.query<CamelRow>(list, [projectId, endpointId, status, limit, offset]);
  const [counted] = await db.query<{ total: number }>(count, [projectId, endpointId, status]);
  return { items: rows.map(toDelivery), total: counted?.total ?? 0 };
}

const redrive = statement(
  'webhook_deliveries.redrive',
  `UPDATE webhook_deliveries d SET status = 'pending', attempts = 0, next_attempt_at = $4, redriven = true
   WHERE d.project_id = $1 AND d.endpoint_id = $2 AND d.id = $3 AND d.kind <> 'test' RETURNING ${COLUMNS}`,
);

/** Queues a message again, whatever became of it. */
export async function redriveDelivery(
  db: Executor,
  projectId: string,
  endpointId: string,
  id: string,
  at: Date,
): Promise<WebhookDelivery | null> {
  const [row] = await db.query<CamelRow>(redrive, [projectId, endpointId, id, at]);
  return row ? toDelivery(row) : null;
}

const forget = statement(
  'webhook_deliveries.forget',
  `DELETE FROM webhook_deliveries WHERE id IN
     (SELECT id FROM webhook_deliveries WHERE created_at < $1 AND status <> 'pending' ORDER BY created_at LIMIT $2) RETURNING id`,
);

/** Forgets deliveries of all projects that are over and older; answers how many. */
export async function forgetDeliveries(db: Executor, before: Date, limit: number): Promise<number> {
  return (await db.query(forget, [before, limit])).length;
}

function toDelivery(row: CamelRow): WebhookDelivery {
  const { position, ...rest } = camelRow(row);
  return webhookDeliverySchema.parse({ ...rest, position: position === null ? null : Number(position) });
}
