import type { Database, Executor } from '../database/index.ts';
import { type BlobKey, insertBlobs, pruneBlobs, readBlobs, touchBlobs } from './content-store.ts';
import { digestOf, packBody, unpackBody } from './packing.ts';

/** Above this many bytes it pays to ask first which bodies are there already, rather than to compress and send them all. */
const ASK_FIRST_BYTES = 32 * 1024;
/** Much longer than the hour to which puts are noted, and than any transaction. */
const GRACE_SECONDS = 24 * 3600;
const PRUNE_BATCH = 2_000;

/**
 * Stores bodies under the SHA-256 of their bytes, each once per project, and answers their digests (hex) in the order given.
 * One statement for all of them; two where they are large, so that what is there already is neither compressed nor sent.
 *
 * A digest may be referred to by whoever put it, in this transaction or within a day in another one, by a column with a
 * foreign key `(project_id, digest)` to `content_blobs` and an index that begins with these two. Nothing else is needed: the
 * key keeps the body, and bodies without one go once nobody has put them for a day.
 */
export async function putContents(db: Executor, projectId: string, bodies: readonly Uint8Array[]): Promise<string[]> {
  const digests = bodies.map((body) => digestOf(body));
  const names = digests.map((digest) => digest.toString('hex'));
  const given = new Map(names.map((name, index) => [name, index]));
  if (given.size > 0 && bodies.reduce((sum, body) => sum + body.length, 0) > ASK_FIRST_BYTES) {
    for (const there of await touchBlobs(db, projectId, digests)) given.delete(there);
  }
  if (given.size === 0) return names;
  const missing = await Promise.all(
    [...given]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([, index]) => {
        const [digest, body] = [digests[index], bodies[index]];
        return digest && body ? [packBody(digest, body)] : [];
      }),
  );
  await insertBlobs(db, projectId, missing);
  return names;
}

/** The bodies under these digests (hex), by digest; one that is not there is left out. One statement. */
export async function getContents(
  db: Executor,
  projectId: string,
  digests: readonly string[],
): Promise<Map<string, Buffer>> {
  if (digests.length === 0) return new Map();
  const wanted = [...new Set(digests)].map((digest) => Buffer.from(digest, 'hex'));
  const stored = await readBlobs(db, projectId, wanted);
  return new Map(
    await Promise.all(
      stored.map(async (blob) => [blob.digest.toString('hex'), await unpackBody(blob)] as [string, Buffer]),
    ),
  );
}

/**
 * Deletes bodies of all projects that nothing refers to and that nobody has put for a day; answers how many. For maintenance;
 * may run on several nodes at once, and beside whoever puts and refers.
 */
export async function pruneContents(database: Database): Promise<number> {
  let pruned = 0;
  let after: BlobKey | null = null;
  do {
    const batch = await pruneBlobs(database, after, PRUNE_BATCH, GRACE_SECONDS);
    pruned += batch.pruned;
    after = batch.last;
  } while (after);
  return pruned;
}
