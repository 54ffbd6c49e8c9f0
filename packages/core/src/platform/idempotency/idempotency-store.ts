import { type Executor, statement } from '../database/index.ts';

export interface StoredAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

export interface KeyRow {
  sameRequest: boolean;
  /** Null while the first request is under way. */
  answer: StoredAnswer | null;
}

const TAKE = statement(
  'idempotency.take',
  `INSERT INTO idempotency_keys AS k (project_id, key, request_digest, expires_at)
   VALUES ($1, $2, $3, now() + $4 * interval '1 second')
   ON CONFLICT (project_id, key) DO UPDATE SET request_digest = EXCLUDED.request_digest, response_status = NULL,
     response_headers = NULL, response_body = NULL, created_at = now(), expires_at = EXCLUDED.expires_at
     WHERE k.expires_at <= now()
   RETURNING created_at::text AS taken_at`,
);
const READ = statement(
  'idempotency.read',
  `SELECT request_digest = $3 AS same_request, response_status, response_headers, response_body
   FROM idempotency_keys WHERE project_id = $1 AND key = $2 AND expires_at > now()`,
);
const ANSWER = statement(
  'idempotency.answer',
  `UPDATE idempotency_keys SET response_status = $4, response_headers = $5, response_body = $6,
     expires_at = now() + $7 * interval '1 second'
   WHERE project_id = $1 AND key = $2 AND created_at = $3::timestamptz AND response_status IS NULL`,
);
const FORGET = statement(
  'idempotency.forget',
  `DELETE FROM idempotency_keys WHERE project_id = $1 AND key = $2 AND created_at = $3::timestamptz AND response_status IS NULL`,
);
const PURGE = statement(
  'idempotency.purge',
  `DELETE FROM idempotency_keys WHERE (project_id, key) IN (
     SELECT project_id, key FROM idempotency_keys WHERE expires_at <= now() ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED)
   RETURNING 1`,
);

/** When it was taken, which names this holder; null when somebody has it. */
export async function takeKey(
  db: Executor,
  projectId: string,
  key: string,
  digest: Buffer,
  seconds: number,
): Promise<string | null> {
  const [row] = await db.query<{ taken_at: string }>(TAKE, [projectId, key, digest, seconds]);
  return row?.taken_at ?? null;
}

export async function readKey(db: Executor, projectId: string, key: string, digest: Buffer): Promise<KeyRow | null> {
  const [row] = await db.query<{
    same_request: boolean;
    response_status: number | null;
    response_headers: Record<string, string> | null;
    response_body: string | null;
  }>(READ, [projectId, key, digest]);
  if (!row) return null;
  const { response_status: status, response_headers: headers, response_body: body } = row;
  return {
    sameRequest: row.same_request,
    answer: status === null ? null : { status, headers: headers ?? {}, body: body ?? '' },
  };
}

export async function storeAnswer(
  db: Executor,
  projectId: string,
  key: string,
  takenAt: string,
  answer: StoredAnswer,
  seconds: number,
): Promise<void> {
  const headers = JSON.stringify(answer.headers);
  await db.query(ANSWER, [projectId, key, takenAt, answer.status, headers, answer.body, seconds]);
}

export async function forgetKey(db: Executor, projectId: string, key: string, takenAt: string): Promise<void> {
  await db.query(FORGET, [projectId, key, takenAt]);
}

/** Deletes up to `limit` keys whose time is over, of all projects; answers how many. */
export async function purgeKeys(db: Executor, limit: number): Promise<number> {
  return (await db.query(PURGE, [limit])).length;
}
