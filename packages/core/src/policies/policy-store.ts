import { type CamelRow, camelRow, type Executor, statement, type Transaction } from '../platform/database/index.ts';
import { type Policy, type PolicyVersion, policySchema, policyVersionSchema } from './stored-policy.ts';

const COLUMNS = `p.id, p.project_id, p.session_id, p.name, p.enabled, p.position, p.document, p.created_by, p.version,
  p.created_at, p.updated_at`;

const INSERT = statement(
  'policies.insert',
  `INSERT INTO policies AS p (project_id, id, session_id, name, enabled, position, document, created_by)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (project_id, name) DO NOTHING RETURNING ${COLUMNS}`,
);

/** Null when the name is taken. */
export async function insertPolicy(
  tx: Transaction,
  projectId: string,
  policy: Pick<Policy, 'id' | 'sessionId' | 'enabled' | 'position' | 'document' | 'createdBy'>,
): Promise<Policy | null> {
  const { id, sessionId, enabled, position, document, createdBy } = policy;
  const values = [projectId, id, sessionId, document.name, enabled, position, JSON.stringify(document), createdBy];
  const [row] = await tx.query<CamelRow>(INSERT, values);
  return row ? toPolicy(row) : null;
}

const GET = statement(
  'policies.get',
  `SELECT ${COLUMNS} FROM policies p WHERE p.project_id = $1 AND (p.id::text = $2 OR p.name = $2)`,
);
const LOCK = statement('policies.lock', `${GET.text} FOR UPDATE`);

/** @param reference id or name. */
export async function getPolicy(db: Executor, projectId: string, reference: string): Promise<Policy | null> {
  const [row] = await db.query<CamelRow>(GET, [projectId, reference]);
  return row ? toPolicy(row) : null;
}

/** {@link getPolicy}, held until the transaction ends. */
export async function lockPolicy(tx: Transaction, projectId: string, reference: string): Promise<Policy | null> {
  const [row] = await tx.query<CamelRow>(LOCK, [projectId, reference]);
  return row ? toPolicy(row) : null;
}

const LIST = statement(
  'policies.list',
  `SELECT ${COLUMNS} FROM policies p WHERE p.project_id = $1 ORDER BY p.position, p.name LIMIT $2 OFFSET $3`,
);
const COUNT = statement('policies.count', 'SELECT count(*)::integer AS total FROM policies WHERE project_id = $1');

/** In the order in which they are asked. */
export async function listPolicies(
  db: Executor,
  projectId: string,
  limit: number,
  offset: number,
): Promise<{ items: Policy[]; total: number }> {
  const rows = await db.query<CamelRow>(LIST, [projectId, limit, offset]);
  const [counted] = await db.query<{ total: number }>(COUNT, [projectId]);
  return { items: rows.map(toPolicy), total: counted?.total ?? 0 };
}

// A session obeys its own policies and those of all sessions above it.
const IN_FORCE = statement(
  'policies.in_force',
  `WITH RECURSIVE above (id, parent_id) AS (
     SELECT s.id, s.parent_id FROM sessions s WHERE s.project_id = $1 AND s.id = $2::uuid
     UNION SELECT s.id, s.parent_id FROM sessions s JOIN above a ON s.id = a.parent_id WHERE s.project_id = $1)
   SELECT ${COLUMNS} FROM policies p WHERE p.project_id = $1 AND p.enabled
     AND (p.session_id IS NULL OR p.session_id IN (SELECT id FROM above)) ORDER BY p.position, p.name`,
);

/** What a session has to obey, in its order; of no session only what holds for all. */
export async function policiesInForce(db: Executor, projectId: string, sessionId: string | null): Promise<Policy[]> {
  return (await db.query<CamelRow>(IN_FORCE, [projectId, sessionId])).map(toPolicy);
}

const UPDATE = statement(
  'policies.update',
  `UPDATE policies p SET name = $4, enabled = $5, position = $6, document = $7, version = version + 1, updated_at = now()
   WHERE p.project_id = $1 AND p.id = $2 AND p.version = $3
     AND NOT EXISTS (SELECT FROM policies o WHERE o.project_id = $1 AND o.name = $4 AND o.id <> $2) RETURNING ${COLUMNS}`,
);

/** Writes over the version that the policy carries; null when another one has its name. The row is held by the caller. */
export async function writePolicy(tx: Transaction, projectId: string, policy: Policy): Promise<Policy | null> {
  const { id, version, enabled, position, document } = policy;
  const values = [projectId, id, version, document.name, enabled, position, JSON.stringify(document)];
  const [row] = await tx.query<CamelRow>(UPDATE, values);
  return row ? toPolicy(row) : null;
}

const REMOVE = statement('policies.remove', 'DELETE FROM policies WHERE project_id = $1 AND id = $2');

export async function removePolicy(tx: Transaction, projectId: string, id: string): Promise<void> {
  await tx.query(REMOVE, [projectId, id]);
}

const KEEP = statement(
  'policies.keep_version',
  `INSERT INTO policy_versions (project_id, policy_id, version, enabled, position, document, changed_by)
   VALUES ($1, $2, $3, $4, $5, $6, $7)`,
);

export async function keepVersion(tx: Transaction, projectId: string, policy: Policy, actor: string): Promise<void> {
  const { id, version, enabled, position, document } = policy;
  await tx.query(KEEP, [projectId, id, version, enabled, position, JSON.stringify(document), actor]);
}

const VERSIONS = statement(
  'policies.versions',
  `SELECT v.policy_id, v.version, v.enabled, v.position, v.document, v.changed_by, v.changed_at FROM policy_versions v
   WHERE v.project_id = $1 AND v.policy_id = $2 ORDER BY v.version DESC LIMIT $3 OFFSET $4`,
);
const COUNT_VERSIONS = statement(
  'policies.count_versions',
  'SELECT count(*)::integer AS total FROM policy_versions WHERE project_id = $1 AND policy_id = $2',
);

/** The newest first; also of a policy that is gone. */
export async function listVersions(
  db: Executor,
  projectId: string,
  policyId: string,
  limit: number,
  offset: number,
): Promise<{ items: PolicyVersion[]; total: number }> {
  const rows = await db.query<CamelRow>(VERSIONS, [projectId, policyId, limit, offset]);
  const [counted] = await db.query<{ total: number }>(COUNT_VERSIONS, [projectId, policyId]);
  return { items: rows.map((row) => policyVersionSchema.parse(camelRow(row))), total: counted?.total ?? 0 };
}

const SESSION_EXISTS = statement('policies.session', 'SELECT FROM sessions WHERE project_id = $1 AND id = $2');

export async function isSessionThere(db: Executor, projectId: string, sessionId: string): Promise<boolean> {
  return (await db.query(SESSION_EXISTS, [projectId, sessionId])).length > 0;
}

function toPolicy(row: CamelRow): Policy {
  return policySchema.parse(camelRow(row));
}
