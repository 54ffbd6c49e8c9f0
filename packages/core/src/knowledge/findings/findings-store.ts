import { type Executor, statement } from '../../platform/database/index.ts';
import type { FindingSeverity } from '../vocabulary/terms.ts';
import type { FindingStatus } from './security-scan.ts';

/** A finding in code, or an advisory about a package, as the graph has it. */
export interface StoredFinding {
  id: string;
  type: 'securityIssue' | 'vulnerability';
  severity: FindingSeverity;
  status: FindingStatus;
  /** What has it: code, or packages. */
  affected: string[];
  data: Record<string, unknown>;
}

// Of an advisory its edges say how things stand; one that nobody tells of any more is fixed.
const READ = statement(
  'graph.findings',
  `SELECT e.id, e.type, e.data, e.data->>'severity' AS severity, coalesce(r.affected, '{}') AS affected,
     CASE WHEN e.valid_to IS NOT NULL THEN 'fixed'
       WHEN e.type = 'securityIssue' THEN e.data->>'status'
       WHEN cardinality(r.statuses) = 1 THEN r.statuses[1] ELSE 'open' END AS status
   FROM graph_entities e LEFT JOIN LATERAL (
     SELECT array_agg(DISTINCT r.from_id ORDER BY r.from_id) AS affected,
       array_agg(DISTINCT coalesce(r.data->>'status', 'open')) AS statuses
     FROM graph_relationships r WHERE r.project_id = e.project_id AND r.to_id = e.id AND r.valid_to IS NULL
       AND r.type IN ('HAS_SECURITY_ISSUE', 'DEPENDS_ON_VULNERABLE')) r ON true
   WHERE e.project_id = $1 AND e.type IN ('securityIssue', 'vulnerability') ORDER BY e.id`,
);

/** All that scanners and audits ever reported of a project, by id. */
export async function readFindings(db: Executor, projectId: string): Promise<StoredFinding[]> {
  return db.query<StoredFinding>(READ, [projectId]);
}

const REPORTED = statement(
  'graph.findings_reported',
  `SELECT a.details->>'format' AS format, max(a.at) AS at FROM audit_events a
   WHERE a.project_id = $1 AND a.action = 'graph.import' AND a.details->>'format' IN ('sarif', 'npm-audit', 'osv') GROUP BY 1`,
);

/** When a report of each format came in last: one that found nothing leaves nothing else behind. */
export async function readLastReports(db: Executor, projectId: string): Promise<Map<string, Date>> {
  const rows = await db.query<{ format: string; at: Date }>(REPORTED, [projectId]);
  return new Map(rows.map(({ format, at }) => [format, at]));
}
