import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../platform/clock/clock.ts';
import { systemIds } from '../../platform/ids/ids.ts';
import { describeOnBackends, insertTestProject, type TestDatabase } from '../../testing/index.ts';
import { Knowledge } from '../knowledge.ts';
import { Embedder } from './embedder.ts';
import { localProvider } from './local-provider.ts';
import { SemanticIndex } from './semantic-search.ts';

const T = '2026-01-01T00:00:00.000Z';
const symbol = (name: string, signature: string, docstring: string, language = 'typescript') => ({
  ...{
    id: `sym:${name}`,
    type: 'symbol',
    kind: 'variable',
    name,
    path: 'src/a.ts',
    hash: name,
    language,
    lastModified: T,
    created: T,
  },
  ...{ signature, docstring, visibility: 'public', isExported: true, isDeprecated: false },
});

describeOnBackends('semantic search', (backend) => {
  let db: TestDatabase;
  let knowledge: Knowledge;
  let projectId: string;
  const indexOf = (dimensions: number) =>
    new SemanticIndex({ database: db.database, embedder: new Embedder(localProvider(dimensions)) });
  const say = (entities: object[]) => knowledge.ingest(projectId, { units: [{ unit: 'u', entities }] }, 'ann');
  const tax = symbol('rate', 'const rate', 'How much tax is due on an amount');
  const paint = symbol('colour', 'const colour', 'Which paint the wall gets', 'python');

  beforeAll(async () => {
    db = await backend.open();
    knowledge = new Knowledge({ database: db.database, clock: systemClock, ids: systemIds });
    projectId = await insertTestProject(db.database);
    await say([tax, paint]);
  });
  afterAll(() => db.close());

  it('embeds what has no vector yet or changed since, and finds what is nearest (KG-252)', async () => {
    const index = indexOf(64);
    expect(await index.embed(projectId, { limit: 1 })).toMatchObject({
      space: 'local/word-hashing-1/64',
      embedded: 1,
      remaining: true,
      totalCost: 0,
    });
    expect(await index.embed(projectId)).toMatchObject({ embedded: 1, remaining: false });
    expect(await index.embed(projectId)).toMatchObject({ embedded: 0, remaining: false });
    const all = await index.search(projectId, { query: 'tax amount', similarity: -1 });
    expect(all.results.map(({ entity }) => entity.id)).toEqual(['sym:rate', 'sym:colour']);
    expect(all.results[0]?.context).toContain('How much tax');
    expect(all.metadata).toEqual({ space: 'local/word-hashing-1/64', totalResults: 2, indexSize: 2 });
    const first = await index.search(projectId, { query: 'tax amount', similarity: -1, limit: 1 });
    expect(first).toMatchObject({ results: [{ entity: { id: 'sym:rate' } }], metadata: { totalResults: 2 } });
    // Inclusive.
    const similarity = all.results[0]?.similarity ?? 1;
    expect((await index.search(projectId, { query: 'tax amount', similarity })).results).toEqual(
      all.results.slice(0, 1),
    );
    expect(
      await index.search(projectId, { query: 'paint', similarity: -1, language: 'python', entityTypes: ['symbol'] }),
    ).toMatchObject({ results: [{ entity: { id: 'sym:colour' } }], metadata: { totalResults: 1, indexSize: 2 } });
    expect((await index.search(projectId, { query: 'paint', similarity: -1, entityTypes: ['file'] })).results).toEqual(
      [],
    );

    await say([{ ...tax, docstring: 'Which paint the wall gets, and the ceiling' }]);
    expect(await index.embed(projectId)).toMatchObject({ embedded: 1 });
    // The other one is gone.
    expect(
      (await index.search(projectId, { query: 'paint ceiling', similarity: -1 })).results.map(
        ({ entity }) => entity.id,
      ),
    ).toEqual(['sym:rate']);
  });

  it('vectors of one space are not compared with those of another, nor with those of another project (KG-190)', async () => {
    const other = indexOf(32);
    expect((await other.search(projectId, { query: 'paint' })).metadata).toMatchObject({
      space: 'local/word-hashing-1/32',
      indexSize: 0,
    });
    const stranger = await insertTestProject(db.database);
    expect((await indexOf(64).search(stranger, { query: 'paint' })).metadata.indexSize).toBe(0);
  });

  it('KG-251: by words, by what uses what is found, and by what that depends on', async () => {
    const own = await insertTestProject(db.database);
    const calls = (fromEntityId: string, toEntityId: string, confidence: number) => ({
      type: 'CALLS',
      fromEntityId,
      toEntityId,
      confidence,
    });
    const bill = symbol('billTotal', 'const billTotal', 'What a customer has to pay');
    const relationships = [calls('sym:billTotal', 'sym:rate', 0.5), calls('sym:rate', 'sym:colour', 1)];
    await knowledge.ingest(own, { units: [{ unit: 'u', entities: [tax, paint, bill], relationships }] }, 'ann');
    const found = async (input: Parameters<Knowledge['search']>[1]) =>
      (await knowledge.search(own, input)).results.map(({ id, matched, relevance }) => [id, matched, relevance]);
    const [text] = await found({ query: 'customer pay', searchType: 'text' });
    expect(text).toEqual(['sym:billTotal', 'text', expect.any(Number)]);
    expect((await found({ query: 'total', searchType: 'text' })).map(([id]) => id)).toEqual(['sym:billTotal']);
    expect(await found({ query: 'wall -paint', searchType: 'text' })).toEqual([]);
    expect(await found({ query: 'rate', searchType: 'usage' })).toEqual([['sym:billTotal', 'usage', 0.5]]);
    expect(await found({ query: 'rate', searchType: 'dependency' })).toEqual([['sym:colour', 'dependency', 1]]);
    expect(await found({ query: 'rate', searchType: 'dependency', language: 'typescript' })).toEqual([]);
    // Two go by it, and what uses the second of them was not looked at.
    const some = await knowledge.search(own, { query: 'const', searchType: 'usage', limit: 1 });
    expect(some).toMatchObject({ results: [{ matched: 'usage' }], truncated: true });
    expect(await knowledge.search(own, { query: 'rate', searchType: 'usage', limit: 1 })).toMatchObject({
      truncated: false,
    });
    expect(
      await found({ query: 'rate', searchType: 'dependency', entityTypes: ['variable'], path: 'src' }),
    ).toHaveLength(1);
  });

  it('without a provider nothing is made up (KG-186)', async () => {
    const off = new SemanticIndex({ database: db.database, embedder: null });
    await expect(off.search(projectId, { query: 'paint' })).rejects.toMatchObject({ code: 'EMBEDDINGS_OFF' });
    await expect(off.embed(projectId)).rejects.toMatchObject({ code: 'EMBEDDINGS_OFF' });
  });
});
