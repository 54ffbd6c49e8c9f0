import { type CamelRow, camelRow, type Executor, statement, type Transaction } from '../../platform/database/index.ts';
import { type CodeRule, codeRuleSchema } from './code-rule.ts';

const COLUMNS = `r.id, r.project_id, r.service_id, s.key AS service, r.workspace_id, r.kind, r.pattern, r.stated_by, r.created_at`;

const LIST = statement(
  'code_rules.list',
  `SELECT ${COLUMNS} FROM service_code_rules r JOIN services s ON s.id = r.service_id WHERE r.project_id = $1
     AND ($2::uuid[] IS NULL OR r.workspace_id IS NULL OR r.workspace_id = ANY ($2)) ORDER BY s.key, r.kind, r.pattern, r.id`,
);

/** By service. @param workspaceIds those that hold in one of them; null for all */
export async function listCodeRules(
  db: Executor,
  projectId: string,
  workspaceIds: readonly string[] | null,
): Promise<CodeRule[]> {
  const rows = await db.query<CamelRow>(LIST, [projectId, workspaceIds]);
  return rows.map((row) => codeRuleSchema.parse(camelRow(row)));
}

const INSERT = statement(
  'code_rules.insert',
  `INSERT INTO service_code_rules (project_id, id, service_id, workspace_id, kind, pattern, stated_by)
   SELECT $1, r.id, r."serviceId", r."workspaceId", r.kind, r.pattern, r."statedBy"
   FROM json_to_recordset($2::json) AS r (id uuid, "serviceId" uuid, "workspaceId" uuid, kind text, pattern text, "statedBy" text)
   ON CONFLICT DO NOTHING RETURNING id`,
);

/** Ids of those that are new. The caller holds the map. */
export async function insertCodeRules(
  tx: Transaction,
  projectId: string,
  rules: readonly Omit<CodeRule, 'projectId' | 'service' | 'createdAt'>[],
): Promise<string[]> {
  if (rules.length === 0) return [];
  const rows = await tx.query<{ id: string }>(INSERT, [projectId, JSON.stringify(rules)]);
  return rows.map(({ id }) => id);
}

const REMOVE = statement(
  'code_rules.remove',
  'DELETE FROM service_code_rules WHERE project_id = $1 AND id::text = $2 RETURNING pattern',
);

/** False where there is no such rule. */
export async function removeCodeRule(tx: Transaction, projectId: string, id: string): Promise<boolean> {
  return (await tx.query(REMOVE, [projectId, id])).length > 0;
}

const WORKSPACES = statement(
  'code_rules.workspaces',
  'SELECT id FROM workspaces WHERE project_id = $1 AND id = ANY ($2::uuid[])',
);

/** Those of these workspaces that the project has. */
export async function workspacesThere(db: Executor, projectId: string, ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  return new Set((await db.query<{ id: string }>(WORKSPACES, [projectId, ids])).map(({ id }) => id));
}
