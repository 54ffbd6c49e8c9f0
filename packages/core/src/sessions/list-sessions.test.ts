import { afterEach, beforeEach, expect, it } from 'vitest';
import { parseListQuery, type QueryParameters } from '../platform/query/index.ts';
import { describeOnBackends } from '../testing/index.ts';
import { SESSION_FIELDS } from './session-list-store.ts';
import { codeOf, openFixture, type SessionFixture } from './testing/session-fixture.ts';

describeOnBackends('listing sessions', (backend) => {
  let f: SessionFixture;
  beforeEach(async () => {
    f = await openFixture(backend);
  });
  afterEach(() => f.db.close());

  /** As a request would ask. */
  const list = async (parameters: QueryParameters) =>
    f.sessions.list(f.projectId, parseListQuery(SESSION_FIELDS, parameters));
  const titles = async (parameters: QueryParameters) => (await list(parameters)).items.map((session) => session.title);

  it('A6: pages of 10 over 25 live and 4 deleted sessions, then pages of 5 over 7 matches', async () => {
    const { sessions, projectId } = f;
    const inputs = Array.from({ length: 29 }, (_, n) => {
      return { title: `Page ${n}`, initialPrompt: 'x', sessionType: n < 7 ? ('review' as const) : ('debug' as const) };
    });
    const made = await sessions.bulkInsert(projectId, inputs, 'a');
    for (const { id } of made.slice(25)) await sessions.delete(projectId, id, 'a');
    const pages = await Promise.all([1, 2, 3, 4].map((page) => sessions.list(projectId, { page, pageSize: 10 })));
    expect(pages.map(({ items, total, totalPages }) => [items.length, total, totalPages])).toEqual([
      [10, 25, 3],
      [10, 25, 3],
      [5, 25, 3],
      [0, 25, 3],
    ]);
    expect(pages.map(({ hasNext, hasPrevious }) => [hasNext, hasPrevious])).toEqual([
      [true, false],
      [true, true],
      [false, true],
      [false, true],
    ]);
    expect(new Set(pages.flatMap(({ items }) => items.map(({ id }) => id))).size).toBe(25);
    const reviews = await Promise.all(
      [1, 2].map((page) => list({ sessionType: 'review', page: `${page}`, pageSize: '5' })),
    );
    expect(reviews.map(({ items, total, totalPages }) => [items.length, total, totalPages])).toEqual([
      [5, 7, 2],
      [2, 7, 2],
    ]);
    const cursor = pages[0]?.nextCursor ?? '';
    const second = await sessions.list(projectId, { cursor, pageSize: 10 });
    expect(second.items).toEqual(pages[1]?.items);
    expect((await list({ includeDeleted: 'true' })).total).toBe(29);
  });

  it('A7: priority 0 is a value, all tags must be there, an unknown field is refused', async () => {
    for (const priority of [0, 1, 2, 3, 4]) await f.make({ priority, title: `Priority ${priority}` });
    expect(await titles({ priority: '0' })).toEqual(['Priority 0']);
    await f.make({ title: 'One tag', tags: ['x'] });
    await f.make({ title: 'Two tags', tags: ['x', 'y'] });
    await f.make({ title: 'Three tags', tags: ['x', 'y', 'z'] });
    expect((await titles({ 'tags.json_contains': '["x","y"]' })).sort()).toEqual(['Three tags', 'Two tags']);
    expect(await codeOf(list({ prioriti: '0' }))).toBe('UNKNOWN_FILTER');
    expect(await codeOf(list({ status: 'runing' }))).toBe('INVALID_STATUS');
    expect(await codeOf(list({ page: '0' }))).toBe('PAGE_OUT_OF_RANGE');
    expect(await codeOf(list({ pageSize: '101' }))).toBe('PAGE_OUT_OF_RANGE');
    const bad = f.sessions.find(f.projectId, { filters: [{ field: 'prioriti', operator: 'eq', value: 0 }] });
    expect(await codeOf(bad)).toBe('UNKNOWN_FILTER');
    expect(await f.sessions.find(f.projectId, {}, { limit: 0 })).toEqual([]);
  });

  it('every field can be filtered and sorted by, with every operator it has', async () => {
    const { id } = await f.make({ tags: ['x'], metadata: { a: { b: 1 } } });
    const session = await f.sessions.get(f.projectId, id);
    if (!session) throw new Error('not made');
    const flat: Record<string, unknown> = { ...session, ...prefixed('limits', session.limits) };
    for (const [name, field] of Object.entries(SESSION_FIELDS.fields)) {
      const value = flat[name];
      expect(value, name).not.toBeUndefined();
      if (field.kind === 'json') {
        const held = await f.sessions.count(f.projectId, {
          filters: [{ field: name, operator: 'json_contains', value }],
        });
        expect(held, name).toBe(1);
        continue;
      }
      const filters = [{ field: name, operator: 'eq' as const, value }];
      // A time on the wire has milliseconds, the stored one microseconds: found by its range.
      const range = [
        { field: name, operator: 'gte' as const, value },
        { field: name, operator: 'lt' as const, value: new Date(Date.parse(String(value)) + 1) },
      ];
      const times = field.kind === 'time' && value !== null;
      expect((await f.sessions.list(f.projectId, { filters: times ? range : filters, sortBy: name })).total, name).toBe(
        1,
      );
    }
  });

  it('finds sessions by the agents that take part in them', async () => {
    const one = await f.make({ title: 'A and B', agentIds: ['a', 'b'] });
    await f.make({ title: 'Only A', agentIds: ['a'] });
    expect((await titles({ 'agentIds.json_contains': '"a"' })).sort()).toEqual(['A and B', 'Only A']);
    expect(await titles({ 'agentIds.json_contains': '["a","b"]' })).toEqual(['A and B']);
    await f.sessions.leave(f.projectId, one.id, { agent: 'b' });
    expect(await titles({ 'agentIds.json_contains': '["b"]' })).toEqual([]);
  });

  it('searches by words and their forms, best match first, within the filters', async () => {
    await f.make({ title: 'Parser', description: 'nothing to see' });
    const best = await f.make({ title: 'Rewriting the parsers', description: 'the parser parses what parsers parse' });
    await f.make({ title: 'Database', description: null });
    const found = await f.sessions.search(f.projectId, 'parser');
    expect(found.items.map(({ title }) => title)).toEqual(['Rewriting the parsers', 'Parser']);
    expect(found.items[0]?.rank).toBeGreaterThan(found.items[1]?.rank ?? 1);
    expect(found.total).toBe(2);
    const filters = [{ field: 'id', operator: 'neq' as const, value: best.id }];
    expect((await f.sessions.search(f.projectId, 'parser', { filters })).items.map(({ title }) => title)).toEqual([
      'Parser',
    ]);
    expect((await f.sessions.search(f.projectId, 'parser -rewriting')).total).toBe(1);
    expect((await f.sessions.search(f.projectId, `';) drop table`)).total).toBe(0);
    expect((await f.sessions.search(f.otherProjectId, 'parser')).total).toBe(0);
  });
});

function prefixed(prefix: string, values: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}.${name}`, value]));
}
