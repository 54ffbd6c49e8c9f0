import { type Executor, statement, type Transaction } from '../platform/database/index.ts';

const HOLD = statement(
  'topology.hold',
  `INSERT INTO topology_heads AS h (project_id) VALUES ($1) ON CONFLICT (project_id) DO UPDATE SET revision = h.revision
   RETURNING revision::text`,
);

/** The revision of a project's service map, which nobody else changes until the transaction ends. */
export async function holdMap(tx: Transaction, projectId: string): Promise<number> {
  const [row] = await tx.query<{ revision: string }>(HOLD, [projectId]);
  return Number(row?.revision ?? 0);
}

const ADVANCE = statement(
  'topology.advance',
  `UPDATE topology_heads SET revision = revision + 1, updated_at = now() WHERE project_id = $1 RETURNING revision::text`,
);

/** The next revision. The caller holds the map. */
export async function advanceMap(tx: Transaction, projectId: string): Promise<number> {
  const [row] = await tx.query<{ revision: string }>(ADVANCE, [projectId]);
  return Number(row?.revision ?? 0);
}

const READ = statement('topology.revision', 'SELECT revision::text FROM topology_heads WHERE project_id = $1');

/** 0 where nothing was ever said. */
export async function readRevision(db: Executor, projectId: string): Promise<number> {
  const [row] = await db.query<{ revision: string }>(READ, [projectId]);
  return Number(row?.revision ?? 0);
}
