import { byteaArray, type Executor, statement } from '../database/index.ts';
import type { PackedBody } from './packing.ts';

/** A body that was put within this time is not noted as used again. */
const FRESH = `interval '1 hour'`;

const touch = statement(
  'content.touch',
  `WITH there AS (
     SELECT digest, last_used_at < now() - ${FRESH} AS stale FROM content_blobs WHERE project_id = $1 AND digest = ANY ($2::bytea[])
   ), held AS (
     SELECT b.digest FROM content_blobs b JOIN there t ON t.digest = b.digest AND t.stale
     WHERE b.project_id = $1 AND b.last_used_at < now() - ${FRESH} ORDER BY b.digest FOR NO KEY UPDATE OF b
   ), touched AS (
     UPDATE content_blobs b SET last_used_at = now() FROM held h WHERE b.project_id = $1 AND b.digest = h.digest RETURNING b.digest
   )
   SELECT digest FROM there WHERE NOT stale UNION ALL SELECT digest FROM touched`,
);

/** Notes that these are used; answers those that are there, as hex. */
export async function touchBlobs(db: Executor, projectId: string, digests: readonly Buffer[]): Promise<Set<string>> {
  const rows = await db.query<{ digest: Buffer }>(touch, [projectId, byteaArray(digests)]);
  return new Set(rows.map(({ digest }) => digest.toString('hex')));
}

const put = statement(
  'content.put',
  `INSERT INTO content_blobs AS b (project_id, digest, compressed, bytes, body)
   SELECT $1, g.digest, g.compressed, g.bytes, g.body
   FROM unnest($2::bytea[], $3::boolean[], $4::integer[], $5::bytea[]) AS g (digest, compressed, bytes, body)
   WHERE NOT EXISTS (
     SELECT FROM content_blobs t WHERE t.project_id = $1 AND t.digest = g.digest AND t.last_used_at >= now() - ${FRESH})
   ORDER BY g.digest
   ON CONFLICT (project_id, digest) DO UPDATE SET last_used_at = now()`,
);

/** @param bodies each digest once. Rows are met in the order of digests: so two writers of the same ones never wait for each other in a ring. */
export async function insertBlobs(db: Executor, projectId: string, bodies: readonly PackedBody[]): Promise<void> {
  await db.query(put, [
    projectId,
    byteaArray(bodies.map(({ digest }) => digest)),
    bodies.map(({ compressed }) => compressed),
    bodies.map(({ bytes }) => bytes),
    byteaArray(bodies.map(({ body }) => body)),
  ]);
}

const get = statement(
  'content.get',
  `SELECT digest, compressed, bytes, body FROM content_blobs WHERE project_id = $1 AND digest = ANY ($2::bytea[])`,
);

export function readBlobs(db: Executor, projectId: string, digests: readonly Buffer[]): Promise<PackedBody[]> {
  return db.query<PackedBody>(get, [projectId, byteaArray(digests)]);
}

const prune = statement('content.prune', `SELECT * FROM sb_content_prune($1, $2, $3, $4 * interval '1 second')`);

export interface PrunedBlobs {
  lookedAt: number;
  pruned: number;
  /** Where to go on; null at the end. */
  last: BlobKey | null;
}
export interface BlobKey {
  projectId: string;
  digest: Buffer;
}

const BEFORE_ALL: BlobKey = { projectId: '00000000-0000-0000-0000-000000000000', digest: Buffer.alloc(0) };

/** Looks at up to `limit` bodies of all projects after the given one; see `sb_content_prune`. */
export async function pruneBlobs(
  db: Executor,
  after: BlobKey | null,
  limit: number,
  graceSeconds: number,
): Promise<PrunedBlobs> {
  const { projectId, digest } = after ?? BEFORE_ALL;
  const [row] = await db.query<{
    looked_at: number;
    pruned: number;
    last_project: string | null;
    last_digest: Buffer | null;
  }>(prune, [projectId, digest, limit, graceSeconds]);
  if (!row?.last_project || !row.last_digest) return { lookedAt: 0, pruned: 0, last: null };
  const last = row.looked_at < limit ? null : { projectId: row.last_project, digest: row.last_digest };
  return { lookedAt: row.looked_at, pruned: row.pruned, last };
}
