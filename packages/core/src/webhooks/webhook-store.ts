import { type CamelRow, camelRow, type Executor, statement } from '../platform/database/index.ts';
import type { FeedCursor } from '../platform/feed/index.ts';
import { type Webhook, webhookSchema } from './webhook.ts';

const COLUMNS = `e.id, e.project_id, e.url, e.description, e.events, e.format, e.enabled, e.disabled_at, e.disabled_reason, e.generation,
  e.previous_until, e.position, e.failing_since, e.created_by, e.version, e.created_at, e.updated_at`;

const insert = statement(
  'webhooks.insert',
  `INSERT INTO webhook_endpoints AS e (id, project_id, url, description, events, format, enabled, key_id, epoch, position, created_by, sealed_url)
   VALUES ($2, $1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING ${COLUMNS}`,
);

export async function insertWebhook(
  db: Executor,
  projectId: string,
  webhook: Pick<Webhook, 'id' | 'url' | 'description' | 'events' | 'format' | 'enabled' | 'createdBy'>,
  { keyId, sealedUrl }: KeptWith,
  from: FeedCursor,
): Promise<Webhook> {
  const { id, url, description, events, format, enabled, createdBy } = webhook;
  const values = [
    projectId,
    id,
    url,
    description,
    events,
    format,
    enabled,
    keyId,
    from.epoch,
    from.position,
    createdBy,
    sealedUrl,
  ];
  const [row] = await db.query<CamelRow>(insert, values);
  return toWebhook(row as CamelRow);
}

const get = statement(
  'webhooks.get',
  `SELECT ${COLUMNS} FROM webhook_endpoints e WHERE e.project_id = $1 AND e.id = $2`,
);
const hold = statement('webhooks.hold', `${get.text} FOR UPDATE`);

export async function getWebhook(db: Executor, projectId: string, id: string): Promise<Webhook | null> {
  const [row] = await db.query<CamelRow>(get, [projectId, id]);
  return row ? toWebhook(row) : null;
}

/** {@link getWebhook}, held until the transaction ends. */
export async function holdWebhook(db: Executor, projectId: string, id: string): Promise<Webhook | null> {
  const [row] = await db.query<CamelRow>(hold, [projectId, id]);
  return row ? toWebhook(row) : null;
}

const list = statement(
  'webhooks.list',
  `SELECT ${COLUMNS} FROM webhook_endpoints e WHERE e.project_id = $1 ORDER BY e.created_at, e.id LIMIT $2 OFFSET $3`,
);
const count = statement(
  'webhooks.count',
  'SELECT count(*)::integer AS total FROM webhook_endpoints WHERE project_id = $1',
);

/** Oldest first. */
export async function listWebhooks(
  db: Executor,
  projectId: string,
  limit: number,
  offset: number,
): Promise<{ items: Webhook[]; total: number }> {
  const rows = await db.query<CamelRow>(list, [projectId, limit, offset]);
  const [counted] = await db.query<{ total: number }>(count, [projectId]);
  return { items: rows.map(toWebhook), total: counted?.total ?? 0 };
}

const update = statement(
  'webhooks.update',
  `UPDATE webhook_endpoints e SET url = $4, description = $5, events = $6, enabled = $7, version = version + 1, updated_at = now(),
     sealed_url = coalesce($8, e.sealed_url),
     disabled_at = CASE WHEN $7 THEN NULL ELSE e.disabled_at END, disabled_reason = CASE WHEN $7 THEN NULL ELSE e.disabled_reason END,
     failing_since = CASE WHEN $7 AND NOT e.enabled THEN NULL ELSE e.failing_since END
   WHERE e.project_id = $1 AND e.id = $2 AND e.version = $3 RETURNING ${COLUMNS}`,
);

/**
 * Writes over the version that it carries; null when that is not the version any more.
 * @param sealedUrl null: the address stays.
 */
export async function writeWebhook(db: Executor, webhook: Webhook, sealedUrl: string | null): Promise<Webhook | null> {
  const { projectId, id, version, url, description, events, enabled } = webhook;
  const [row] = await db.query<CamelRow>(update, [
    projectId,
    id,
    version,
    url,
    description,
    events,
    enabled,
    sealedUrl,
  ]);
  return row ? toWebhook(row) : null;
}

const remove = statement(
  'webhooks.delete',
  'DELETE FROM webhook_endpoints WHERE project_id = $1 AND id = $2 AND version = $3 RETURNING id',
);

/** With its deliveries. False when there is none with this version. */
export async function deleteWebhook(db: Executor, projectId: string, id: string, version: number): Promise<boolean> {
  return (await db.query(remove, [projectId, id, version])).length > 0;
}

const rotate = statement(
  'webhooks.rotate',
  `UPDATE webhook_endpoints e SET generation = generation + 1, previous_until = CASE WHEN e.key_id = $4 THEN $5::timestamptz END, key_id = $4,
     version = version + 1, updated_at = now()
   WHERE e.project_id = $1 AND e.id = $2 AND e.version = $3 RETURNING ${COLUMNS}`,
);

/** The next secret; the one before stays valid where it comes from the same key. Null when the version is another. */
export async function rotateWebhook(
  db: Executor,
  projectId: string,
  id: string,
  version: number,
  keyId: string,
  previousUntil: Date | null,
): Promise<Webhook | null> {
  const [row] = await db.query<CamelRow>(rotate, [projectId, id, version, keyId, previousUntil]);
  return row ? toWebhook(row) : null;
}

const disable = statement(
  'webhooks.disable',
  `UPDATE webhook_endpoints e SET enabled = false, disabled_at = $4, disabled_reason = $5, version = version + 1, updated_at = now()
   WHERE e.project_id = $1 AND e.id = $2 AND e.enabled AND e.lease_token = $3 RETURNING ${COLUMNS}`,
);

/** What the program does by itself, under its lease; null when that was lost or somebody disabled it already. */
export async function disableWebhook(
  db: Executor,
  { projectId, id, token }: { projectId: string; id: string; token: string },
  at: Date,
  reason: string,
): Promise<Webhook | null> {
  const [row] = await db.query<CamelRow>(disable, [projectId, id, token, at, reason]);
  return row ? toWebhook(row) : null;
}

const failing = statement(
  'webhooks.failing',
  `UPDATE webhook_endpoints SET failing_since = CASE WHEN $4::timestamptz IS NULL THEN NULL ELSE coalesce(failing_since, $4) END
   WHERE project_id = $1 AND id = $2 AND lease_token = $3`,
);

/** Since when it fails; null: it does not. Not a change of the endpoint, so that its version stays. */
export async function writeFailing(
  db: Executor,
  { projectId, id, token }: { projectId: string; id: string; token: string },
  since: Date | null,
): Promise<void> {
  await db.query(failing, [projectId, id, token, since]);
}

const kept = statement(
  'webhooks.kept',
  'SELECT key_id AS "keyId", sealed_url AS "sealedUrl" FROM webhook_endpoints WHERE project_id = $1 AND id = $2',
);

/** What is known of an endpoint only with the key. */
export interface KeptWith {
  /** From which key its secrets are derived. */
  keyId: string;
  sealedUrl: string;
}

export async function keptOf(db: Executor, projectId: string, id: string): Promise<KeptWith | null> {
  const [row] = await db.query<KeptWith>(kept, [projectId, id]);
  return row ?? null;
}

function toWebhook(row: CamelRow): Webhook {
  const { position, ...rest } = camelRow(row);
  return webhookSchema.parse({ ...rest, position: Number(position) });
}
