import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../platform/clock/clock.ts';
import { systemIds } from '../../platform/ids/ids.ts';
import { describeOnBackends, insertTestProject, type TestDatabase } from '../../testing/index.ts';
import { Knowledge } from '../knowledge.ts';
import { embeddingsStamp, readEmbeddings, writeEmbeddings } from './embedding-store.ts';

const SPACE = 's';
const module = (name: string) => ({
  ...{ id: name, type: 'symbol', kind: 'variable', name, path: 'a.ts', hash: name, language: 'typescript' },
  ...{ lastModified: '2026-01-01T00:00:00.000Z', created: '2026-01-01T00:00:00.000Z', signature: '', docstring: '' },
  ...{ visibility: 'public', isExported: true, isDeprecated: false },
});

describeOnBackends('stored embeddings', (backend) => {
  let db: TestDatabase;
  let projectId: string;

  beforeAll(async () => {
    db = await backend.open();
    projectId = await insertTestProject(db.database);
    const knowledge = new Knowledge({ database: db.database, clock: systemClock, ids: systemIds });
    await knowledge.ingest(projectId, { units: [{ unit: 'u', entities: [module('a'), module('b')] }] }, 'ann');
  });
  afterAll(() => db.close());

  const write = (id: string, version: number, vector: number[]) =>
    writeEmbeddings(db.database, projectId, SPACE, [{ id, version, vector }]);
  const stamp = () => embeddingsStamp(db.database, projectId, SPACE);

  it('one of what an entity was does not take the place of one of what it became', async () => {
    await write('a', 2, [2]);
    await write('a', 1, [1]);
    await write('b', 1, [1]);
    await write('b', 2, [2]);
    const vectors = new Map<string, number[]>();
    for await (const { id, vector } of readEmbeddings(db.database, projectId, SPACE)) vectors.set(id, vector);
    expect(Object.fromEntries(vectors)).toEqual({ a: [2], b: [2] });
  });

  it('the stamp tells of one that was written earlier than the last one, and is seen later', async () => {
    await write('a', 3, [3]);
    const before = await stamp();
    expect(await stamp()).toBe(before);
    // As of a transaction that took its number before the others took theirs.
    const query = (text: string) => db.database.query<{ last: string }>({ name: '', text }, []);
    const sequence = `pg_get_serial_sequence('graph_embeddings', 'stamp')`;
    const [taken] = await query(`SELECT nextval(${sequence})::text AS last`);
    await query(`SELECT setval(${sequence}, ${Number(taken?.last) - 2}, false)`);
    await write('b', 3, [3]);
    await query(`SELECT setval(${sequence}, ${taken?.last})`);
    expect(await stamp()).not.toBe(before);
  });
});
