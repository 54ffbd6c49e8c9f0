import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { describeOnBackends, insertTestProject, type TestDatabase } from '../../testing/index.ts';
import { outsideTransaction, statement } from '../database/index.ts';
import { canonicalJson, getContents, pruneContents, putContents } from './index.ts';

const CASES = Number(process.env.SIGNALBOX_CASES ?? 200);
const large = (seed: string) => Buffer.from(`${seed} went by. `.repeat(20_000));

describeOnBackends('contents', (backend) => {
  let opened: TestDatabase;
  let projectId: string;
  const sql = <Row = Record<string, unknown>>(text: string, values: unknown[] = []) =>
    opened.database.query<Row>(statement('test', text), values);
  beforeAll(async () => {
    opened = await backend.open();
    // A room that refers to bodies, as any other does.
    await sql(`CREATE TABLE test_references (project_id uuid NOT NULL, digest bytea,
      FOREIGN KEY (project_id, digest) REFERENCES content_blobs (project_id, digest))`);
    await sql('CREATE INDEX ON test_references (project_id, digest)');
  });
  afterAll(() => opened.close());
  beforeEach(async () => {
    projectId = await insertTestProject(opened.database);
  });

  const put = (...bodies: Uint8Array[]) => putContents(opened.database, projectId, bodies);
  const get = (...digests: string[]) => getContents(opened.database, projectId, digests);
  const age = () =>
    sql(`UPDATE content_blobs SET last_used_at = now() - interval '25 hours' WHERE project_id = $1`, [projectId]);
  const refer = (digest: string) =>
    sql('INSERT INTO test_references VALUES ($1, $2)', [projectId, Buffer.from(digest, 'hex')]);
  const rows = async () =>
    (await sql<{ n: string }>('SELECT count(*) AS n FROM content_blobs WHERE project_id = $1', [projectId]))[0]?.n;

  it('gives back the bytes that were put, whatever they are and however they repeat', {
    timeout: 240_000,
  }, async () => {
    const bodies = fc.array(
      fc.oneof(
        fc.uint8Array({ maxLength: 600 }),
        fc.string({ maxLength: 50 }).map((text) => Buffer.from(text.repeat(40))),
      ),
      { maxLength: 8 },
    );
    await fc.assert(
      fc.asyncProperty(bodies, async (given) => {
        const digests = await put(...given);
        const stored = await get(...digests);
        expect(digests.map((digest) => stored.get(digest))).toEqual(given.map((body) => Buffer.from(body)));
        expect(new Set(digests).size).toBe(new Set(given.map((body) => Buffer.from(body).toString('hex'))).size);
      }),
      { numRuns: Math.ceil(CASES / (backend.name === 'pglite' ? 20 : 5)) },
    );
  });

  it('stores large bodies compressed, what does not compress as it is, and gives both back', async () => {
    const noise = randomBytes(100_000);
    const [text, random] = await put(large('The train'), noise);
    const stored = await get(String(text), String(random));
    expect(stored.get(String(text))).toEqual(large('The train'));
    expect(stored.get(String(random))).toEqual(noise);
    const sizes = await sql<{ compressed: boolean; bytes: number; stored: number }>(
      'SELECT compressed, bytes, length(body) AS stored FROM content_blobs WHERE project_id = $1 ORDER BY bytes',
      [projectId],
    );
    expect(sizes[0]).toEqual({ compressed: false, bytes: 100_000, stored: 100_000 });
    expect(sizes[1]).toMatchObject({ compressed: true, bytes: large('The train').length });
    expect(sizes[1]?.stored).toBeLessThan(5_000);
  });

  it('stores a body once, small or large, in one call or several', async () => {
    const small = Buffer.from('small');
    const first = await put(small, large('a'), small);
    expect(first[0]).toBe(first[2]);
    expect(await put(large('a'), small)).toEqual([first[1], first[0]]);
    expect(await put(small)).toEqual([first[0]]);
    expect(await rows()).toBe('2');
  });

  it('answers nothing for a digest of another project, or one it never saw', async () => {
    const [digest] = await put(Buffer.from('ours'));
    const other = await insertTestProject(opened.database);
    expect(await getContents(opened.database, other, [String(digest)])).toEqual(new Map());
    expect(await get('00'.repeat(32))).toEqual(new Map());
    expect(await get()).toEqual(new Map());
    expect(await put()).toEqual([]);
  });

  it('is part of the transaction that puts', async () => {
    const undone = opened.database.transaction(async (tx) => {
      await putContents(tx, projectId, [Buffer.from('gone'), large('gone')]);
      throw new Error('changed my mind');
    });
    await expect(undone).rejects.toThrow('changed my mind');
    expect(await rows()).toBe('0');
  });

  it('prunes what nothing refers to once it was not put for a day, and nothing else', async () => {
    const [kept, dropped] = await put(Buffer.from('kept'), Buffer.from('dropped'));
    await refer(String(kept));
    expect(await pruneContents(opened.database)).toBe(0);
    await age();
    const [young] = await put(Buffer.from('young'));
    expect(await pruneContents(opened.database)).toBe(1);
    expect([...(await get(String(kept), String(dropped), String(young))).keys()].sort()).toEqual([kept, young].sort());
    await sql('DELETE FROM test_references WHERE project_id = $1', [projectId]);
    expect(await pruneContents(opened.database)).toBe(1);
    expect([...(await get(String(kept), String(young))).keys()]).toEqual([young]);
  });

  it('keeps a body that is put again, small or large, as if it were new', async () => {
    const digests = await put(Buffer.from('again'), large('again'));
    await age();
    await put(Buffer.from('again'));
    await put(large('again'));
    expect(await pruneContents(opened.database)).toBe(0);
    expect((await get(...digests)).size).toBe(2);
  });

  it('walks over more bodies than it looks at in one go', async () => {
    await sql(
      `INSERT INTO content_blobs (project_id, digest, compressed, bytes, body, last_used_at)
       SELECT $1, sha256(n::text::bytea), false, 1, 'x', now() - interval '2 days' FROM generate_series(1, 4500) n`,
      [projectId],
    );
    await sql(
      `INSERT INTO test_references SELECT $1, sha256(n::text::bytea) FROM generate_series(1, 4500) n WHERE n % 3 = 0`,
      [projectId],
    );
    expect(await pruneContents(opened.database)).toBe(3_000);
    expect(await rows()).toBe('1500');
  });

  it('lets a project go with its bodies', async () => {
    await put(Buffer.from('mine'));
    await sql('DELETE FROM projects WHERE id = $1', [projectId]);
    expect(await rows()).toBe('0');
  });

  it('has an index under every reference, so that pruning need not read whole tables', async () => {
    const bare = await sql(
      `SELECT k.conrelid::regclass AS "table" FROM pg_constraint k
       WHERE k.contype = 'f' AND k.confrelid = 'content_blobs'::regclass AND NOT EXISTS (
         SELECT FROM pg_index i WHERE i.indrelid = k.conrelid
           AND (SELECT array_agg(c ORDER BY c) FROM unnest((i.indkey::smallint[])[0:1]) c) = (SELECT array_agg(c ORDER BY c) FROM unnest(k.conkey) c))`,
    );
    expect(bare).toEqual([]);
  });

  if (backend.name === 'postgres') {
    it('never takes a body from under one who has put it, or refers to it, and has not committed yet', async () => {
      const [digest] = await put(Buffer.from('wanted'));
      const [other] = await put(Buffer.from('referred to'));
      await age();
      const pruned = await opened.database.transaction(async (tx) => {
        await putContents(tx, projectId, [Buffer.from('wanted')]);
        const insert = statement('test', 'INSERT INTO test_references VALUES ($1, $2)');
        await tx.query(insert, [projectId, Buffer.from(String(other), 'hex')]);
        // On another connection, as it were on another node.
        return outsideTransaction(() => pruneContents(opened.database));
      });
      expect(pruned).toBe(0);
      expect((await get(String(digest), String(other))).size).toBe(2);
    });

    it('puts a body anew that is pruned meanwhile', async () => {
      const [digest] = await put(Buffer.from('doomed'));
      await age();
      let putting: Promise<string[]> | undefined;
      await opened.database.transaction(async (tx) => {
        await tx.query(statement('test', `DELETE FROM content_blobs WHERE project_id = $1`), [projectId]);
        putting = outsideTransaction(() => put(Buffer.from('doomed')));
        await outsideTransaction(() =>
          until(
            async () =>
              (
                await sql(
                  `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`,
                )
              ).length > 0,
          ),
        );
      });
      expect(await putting).toEqual([digest]);
      expect((await get(String(digest))).size).toBe(1);
    });

    it('lets many writers put the same bodies in any order while they are pruned', async () => {
      const bodies = Array.from({ length: 30 }, (_, n) => Buffer.from(`body ${n}`));
      for (let round = 0; round < 5; round += 1) {
        await age();
        const writers = Array.from({ length: 6 }, (_, writer) =>
          opened.database.transaction(async (tx) => {
            const mine = writer % 2 ? bodies : [...bodies].reverse();
            for (const digest of await putContents(tx, projectId, mine)) {
              await tx.query(statement('test', 'INSERT INTO test_references VALUES ($1, $2)'), [
                projectId,
                Buffer.from(digest, 'hex'),
              ]);
            }
          }),
        );
        const pruning = pruneContents(opened.database);
        await Promise.all([...writers, pruning]);
        await sql('DELETE FROM test_references WHERE project_id = $1', [projectId]);
      }
      expect(await rows()).toBe('30');
    });
  }
});

describe('canonical JSON', () => {
  it('is the same for equal values, whatever the order of their keys, and parses back', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        expect(JSON.parse(text.toString())).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(reversed(value))).toEqual(text);
      }),
      { numRuns: CASES },
    );
    expect(canonicalJson({ b: 1, a: [{ d: 1, c: undefined }] }).toString()).toBe('{"a":[{"d":1}],"b":1}');
    expect(canonicalJson(undefined).toString()).toBe('null');
  });
});

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, item]) => [key, reversed(item)]),
  );
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 1_000; tries += 1) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('it never came to that');
}
