import { type CamelRow, camelRow, type Executor, statement } from '../platform/database/index.ts';
import { type ApiKey, apiKeySchema, type Role } from './api-key.ts';

const COLUMNS = `id, project_id, name, role, prefix, created_by, version, created_at, updated_at, expires_at, revoked_at, rotated_at,
  previous_until, (SELECT u.last_used_at FROM api_key_uses u WHERE u.key_id = api_keys.id) AS last_used_at`;

const INSERT = statement(
  'keys.insert',
  `INSERT INTO api_keys (id, project_id, name, role, prefix, secret_digest, created_by, expires_at)
   VALUES ($2, $1, $3, $4, $5, $6, $7, now() + $8 * interval '1 second') RETURNING ${COLUMNS}`,
);
const BY_DIGEST = statement(
  'keys.by_digest',
  `SELECT ${COLUMNS} FROM api_keys WHERE (secret_digest = $1 OR (previous_digest = $1 AND previous_until > now()))
     AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())`,
);
const LIST = statement(
  'keys.list',
  `SELECT ${COLUMNS}, (SELECT count(*) FROM api_keys WHERE project_id = $1) AS total FROM api_keys
   WHERE project_id = $1 ORDER BY created_at, id LIMIT $2 OFFSET $3`,
);
const COUNT = statement('keys.count', 'SELECT count(*) AS total FROM api_keys WHERE project_id = $1');
const GET = statement('keys.get', `SELECT ${COLUMNS} FROM api_keys WHERE project_id = $1 AND id = $2`);
const REVOKE = statement(
  'keys.revoke',
  `UPDATE api_keys SET revoked_at = now(), version = version + 1, updated_at = now()
   WHERE project_id = $1 AND id = $2 AND version = $3 AND revoked_at IS NULL RETURNING ${COLUMNS}`,
);

export interface NewKey {
  id: string;
  name: string;
  role: Role;
  prefix: string;
  digest: Buffer;
  createdBy: string | null;
  expiresInSeconds: number | null;
}

export async function insertKey(db: Executor, projectId: string, key: NewKey): Promise<ApiKey> {
  const rows = await db.query<CamelRow>(INSERT, [
    projectId,
    key.id,
    key.name,
    key.role,
    key.prefix,
    key.digest,
    key.createdBy,
    key.expiresInSeconds,
  ]);
  return toKey(rows[0] as CamelRow);
}

/** The live key whose secret has this digest, of whatever project: the key decides the project. */
export async function findLiveKey(db: Executor, digest: Buffer): Promise<ApiKey | null> {
  const [row] = await db.query<CamelRow>(BY_DIGEST, [digest]);
  return row ? toKey(row) : null;
}

export async function listKeys(
  db: Executor,
  projectId: string,
  limit: number,
  offset: number,
): Promise<{ items: ApiKey[]; total: number }> {
  const rows = await db.query<CamelRow & { total: string }>(LIST, [projectId, limit, offset]);
  const [count] = rows.length > 0 ? rows : await db.query<{ total: string }>(COUNT, [projectId]);
  return { items: rows.map(toKey), total: Number(count?.total ?? 0) };
}

export async function getKey(db: Executor, projectId: string, id: string): Promise<ApiKey | null> {
  const [row] = await db.query<CamelRow>(GET, [projectId, id]);
  return row ? toKey(row) : null;
}

/** Null when the version is another, or the key is revoked already. */
export async function revokeKey(db: Executor, projectId: string, id: string, version: number): Promise<ApiKey | null> {
  const [row] = await db.query<CamelRow>(REVOKE, [projectId, id, version]);
  return row ? toKey(row) : null;
}

const ROTATE = statement(
  'keys.rotate',
  `UPDATE api_keys SET prefix = $4, secret_digest = $5, rotated_at = now(),
     previous_digest = CASE WHEN $6::integer > 0 THEN secret_digest END,
     previous_until = CASE WHEN $6::integer > 0 THEN now() + $6 * interval '1 second' END,
     expires_at = CASE WHEN $7::boolean THEN now() + $8::integer * interval '1 second' ELSE expires_at END,
     version = version + 1, updated_at = now()
   WHERE project_id = $1 AND id = $2 AND version = $3 AND revoked_at IS NULL RETURNING ${COLUMNS}`,
);

export interface NewSecret {
  prefix: string;
  digest: Buffer;
  graceSeconds: number;
  /** Undefined leaves it. */
  expiresInSeconds: number | null | undefined;
}

/** Null when the version is another, or the key is revoked. */
export async function rotateKey(
  db: Executor,
  projectId: string,
  id: string,
  version: number,
  { prefix, digest, graceSeconds, expiresInSeconds }: NewSecret,
): Promise<ApiKey | null> {
  const expiry = [expiresInSeconds !== undefined, expiresInSeconds ?? null];
  const [row] = await db.query<CamelRow>(ROTATE, [projectId, id, version, prefix, digest, graceSeconds, ...expiry]);
  return row ? toKey(row) : null;
}

const USED = statement(
  'keys.used',
  `INSERT INTO api_key_uses AS u (key_id, last_used_at) SELECT k.id, $3 FROM api_keys k WHERE k.project_id = $1 AND k.id = $2
   ON CONFLICT (key_id) DO UPDATE SET last_used_at = EXCLUDED.last_used_at WHERE u.last_used_at < EXCLUDED.last_used_at`,
);

export async function noteKeyUse(db: Executor, projectId: string, id: string, at: Date): Promise<void> {
  await db.query(USED, [projectId, id, at]);
}

function toKey(row: CamelRow): ApiKey {
  return apiKeySchema.parse(camelRow(row));
}
