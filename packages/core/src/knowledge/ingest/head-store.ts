import { type Executor, statement, type Transaction } from '../../platform/database/index.ts';

const HOLD = statement(
  'graph.hold',
  `INSERT INTO graph_heads AS h (project_id) VALUES ($1) ON CONFLICT (project_id) DO UPDATE SET revision = h.revision
   RETURNING revision::text`,
);

/** The revision of a project's graph, which nobody else changes until the transaction ends. */
export async function holdGraph(tx: Transaction, projectId: string): Promise<number> {
  const [row] = await tx.query<{ revision: string }>(HOLD, [projectId]);
  return Number(row?.revision ?? 0);
}

const ADVANCE = statement(
  'graph.advance',
  'UPDATE graph_heads SET revision = $2, updated_at = now() WHERE project_id = $1',
);

/** The caller holds the graph. */
export async function advanceGraph(tx: Transaction, projectId: string, revision: number): Promise<void> {
  await tx.query(ADVANCE, [projectId, revision]);
}

const READ = statement(
  'graph.revision',
  'SELECT revision::text, read_anew_at::text FROM graph_heads WHERE project_id = $1',
);

/** 0 where nothing was ever said; and the revision at which rows were removed last. */
export async function readRevision(db: Executor, projectId: string): Promise<{ revision: number; readAnewAt: number }> {
  const [row] = await db.query<{ revision: string; read_anew_at: string }>(READ, [projectId]);
  return { revision: Number(row?.revision ?? 0), readAnewAt: Number(row?.read_anew_at ?? 0) };
}

const READ_ANEW = statement(
  'graph.read_anew',
  'UPDATE graph_heads SET revision = revision + 1, read_anew_at = revision + 1, updated_at = now() WHERE project_id = $1',
);

/** For whoever removes rows: what is in memory cannot tell that they are gone. The caller holds the graph. */
export async function readGraphAnew(tx: Transaction, projectId: string): Promise<void> {
  await tx.query(READ_ANEW, [projectId]);
}
