import { type Executor, statement, type Transaction } from '../../platform/database/index.ts';

const UNITS = statement(
  'graph.report_units',
  'SELECT r.units FROM graph_reports r WHERE r.project_id = $1 AND r.prefix = $2',
);

/** In whose names the reports of a series speak; none where there was none. @param prefix format and suite */
export async function readReportUnits(db: Executor, projectId: string, prefix: string): Promise<string[]> {
  const [row] = await db.query<{ units: string[] }>(UNITS, [projectId, prefix]);
  return row?.units ?? [];
}

const WRITE = statement(
  'graph.write_report_units',
  `INSERT INTO graph_reports (project_id, prefix, units) VALUES ($1, $2, $3)
   ON CONFLICT (project_id, prefix) DO UPDATE SET units = EXCLUDED.units`,
);

/** The caller holds the graph. */
export async function writeReportUnits(
  tx: Transaction,
  projectId: string,
  prefix: string,
  units: readonly string[],
): Promise<void> {
  await tx.query(WRITE, [projectId, prefix, units]);
}

const SAID_BY = statement(
  'graph.said_by',
  'SELECT e.id FROM graph_entities e WHERE e.project_id = $1 AND e.units && $2::text[] ORDER BY e.id',
);

/** Entities that one of these units says there are. */
export async function readSaidBy(db: Executor, projectId: string, units: readonly string[]): Promise<string[]> {
  return (await db.query<{ id: string }>(SAID_BY, [projectId, units])).map(({ id }) => id);
}
