import { type Executor, statement } from '../platform/database/index.ts';
import type { FeedCursor } from '../platform/feed/index.ts';
import type { WebhookFormat } from './webhook.ts';

/** A node's right to deliver to an endpoint, until it runs out. */
export interface WebhookLease {
  id: string;
  projectId: string;
  token: string;
}

const claim = statement(
  'webhooks.claim',
  `UPDATE webhook_endpoints e SET lease_token = gen_random_uuid(), lease_until = clock_timestamp() + $3 * interval '1 second'
   FROM (
     SELECT x.id FROM webhook_endpoints x JOIN feed_heads h ON h.project_id = x.project_id
     WHERE x.enabled AND x.key_id = $1 AND (x.lease_until IS NULL OR x.lease_until <= clock_timestamp()) AND (
       EXISTS (SELECT FROM webhook_deliveries d WHERE d.endpoint_id = x.id AND d.status = 'pending' AND d.redriven AND d.next_attempt_at <= $4)
       OR coalesce(
         (SELECT d.next_attempt_at <= $4 FROM webhook_deliveries d
          WHERE d.endpoint_id = x.id AND d.status = 'pending' AND NOT d.redriven ORDER BY d.n LIMIT 1),
         x.epoch <> h.epoch OR x.position <> h.last_position))
     ORDER BY x.lease_until NULLS FIRST, x.id LIMIT $2 FOR UPDATE OF x SKIP LOCKED
   ) due
   WHERE e.id = due.id RETURNING e.id, e.project_id, e.lease_token`,
);

/**
 * Takes up to `limit` endpoints of any project that have something to be told, for `seconds`; no two nodes have one at the same time.
 * @param keyId only those whose secrets this node can derive.
 */
export async function claimEndpoints(
  db: Executor,
  keyId: string,
  limit: number,
  seconds: number,
  now: Date,
): Promise<WebhookLease[]> {
  const rows = await db.query<{ id: string; project_id: string; lease_token: string }>(claim, [
    keyId,
    limit,
    seconds,
    now,
  ]);
  return rows.map((row) => ({ id: row.id, projectId: row.project_id, token: row.lease_token }));
}

/** An endpoint as whoever delivers to it sees it. */
export interface LeasedEndpoint {
  sealedUrl: string;
  events: string[];
  format: WebhookFormat;
  generation: number;
  previousUntil: Date | null;
  cursor: FeedCursor;
}

const renew = statement(
  'webhooks.renew_lease',
  `UPDATE webhook_endpoints SET lease_until = clock_timestamp() + $3 * interval '1 second'
   WHERE id = $1 AND lease_token = $2 AND enabled AND lease_until > clock_timestamp()
   RETURNING sealed_url, events, format, generation, previous_until, epoch, position`,
);

/** Prolongs the lease and reads the endpoint as it is now; null when the lease is lost, or it is disabled. */
export async function renewLease(db: Executor, lease: WebhookLease, seconds: number): Promise<LeasedEndpoint | null> {
  const [row] = await db.query<{
    sealed_url: string;
    events: string[];
    format: WebhookFormat;
    generation: number;
    previous_until: Date | null;
    epoch: string;
    position: string;
  }>(renew, [lease.id, lease.token, seconds]);
  if (!row) return null;
  const { sealed_url: sealedUrl, events, format, generation, previous_until: previousUntil, epoch, position } = row;
  return { sealedUrl, events, format, generation, previousUntil, cursor: { epoch, position: Number(position) } };
}

const release = statement(
  'webhooks.release_lease',
  'UPDATE webhook_endpoints SET lease_token = NULL, lease_until = NULL WHERE id = $1 AND lease_token = $2',
);

export async function releaseLease(db: Executor, lease: WebhookLease): Promise<void> {
  await db.query(release, [lease.id, lease.token]);
}

const move = statement(
  'webhooks.move',
  `UPDATE webhook_endpoints SET epoch = $5, position = $6
   WHERE id = $1 AND lease_token = $2 AND epoch = $3 AND position = $4 RETURNING id`,
);

/** Says how far it has been told; false when the lease was lost meanwhile. */
export async function moveCursor(
  db: Executor,
  lease: WebhookLease,
  from: FeedCursor,
  to: FeedCursor,
): Promise<boolean> {
  const values = [lease.id, lease.token, from.epoch, from.position, to.epoch, to.position];
  return (await db.query(move, values)).length > 0;
}

/** A message that is to be sent now. */
export interface DueDelivery {
  id: string;
  body: string;
  attempts: number;
  redriven: boolean;
}

const due = statement(
  'webhook_deliveries.due',
  `(SELECT d.id, d.body, d.attempts, d.redriven FROM webhook_deliveries d
    WHERE d.endpoint_id = $1 AND d.status = 'pending' AND d.redriven AND d.next_attempt_at <= $2 ORDER BY d.n LIMIT 1)
   UNION ALL
   SELECT h.id, h.body, h.attempts, h.redriven FROM (
     SELECT * FROM webhook_deliveries d WHERE d.endpoint_id = $1 AND d.status = 'pending' AND NOT d.redriven ORDER BY d.n LIMIT 1) h
   WHERE h.next_attempt_at <= $2
   LIMIT 1`,
);

/** What is sent next: what is redriven, then the first of those that wait in order; never one behind another that waits. */
export async function nextDelivery(db: Executor, endpointId: string, now: Date): Promise<DueDelivery | null> {
  const [row] = await db.query<DueDelivery>(due, [endpointId, now]);
  return row ?? null;
}

const waiting = statement(
  'webhook_deliveries.waiting',
  `SELECT FROM webhook_deliveries d WHERE d.endpoint_id = $1 AND d.status = 'pending' AND NOT d.redriven LIMIT 1`,
);

/** Whether messages wait in order, so that nothing more is taken from the feed. */
export async function hasWaiting(db: Executor, endpointId: string): Promise<boolean> {
  return (await db.query(waiting, [endpointId])).length > 0;
}
