import { type CamelRow, camelRow, type Executor, statement } from '../platform/database/index.ts';
import { type ApiKey, apiKeySchema, type Role } from './api-key.ts';

const COLUMNS =
  'id, project_id, name, role, prefix, created_by, version, created_at, updated_at, expires_at, revoked_at';

const INSERT = statement(
  'keys.insert',
  `INSERT INTO api_keys (id, project_id, name, role, prefix, secret_digest, created_by, expires_at)
   VALUES ($2, $1, $3, $4, $5, $6, $7, now() + $8 * interval '1 second') RETURNING ${COLUMNS}`,
);
const BY_DIGEST = statement(
  'keys.by_digest',
  `SELECT ${COLUMNS} FROM api_keys WHERE secret_digest = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())`,
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

function toKey(row: CamelRow): ApiKey {
  return apiKeySchema.parse(camelRow(row));
}
