import fc from 'fast-check';
import { type RawBuilder, sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeOnBackends, type TestDatabase } from '../../testing/index.ts';
import { statement } from '../database/index.ts';
import type { Filter } from './filter.ts';
import {
  composeCount,
  composePage,
  composeRows,
  cursorAfter,
  type FieldTable,
  type ListQuery,
  type ListSource,
  type Operator,
} from './index.ts';

interface Row {
  id: string;
  name: string;
  note: string | null;
  size: number | null;
  at: string;
  labels: string[];
  deletedAt: string | null;
}

const table: FieldTable = {
  noun: 'probe',
  fields: {
    id: { kind: 'uuid', column: 'p.id' },
    name: { kind: 'text', column: 'p.name' },
    note: { kind: 'text', column: 'p.note', nullable: true },
    size: { kind: 'integer', column: 'p.size', nullable: true },
    at: { kind: 'time', column: 'p.at' },
    labels: { kind: 'json', column: 'p.labels' },
  },
  defaultSort: { by: 'at', order: 'desc' },
  idColumn: 'p.id',
  deletedColumn: 'p.deleted_at',
};
const source: ListSource = {
  label: 'probe.list',
  table,
  columns: sql`p.id`,
  from: sql`query_probe p`,
  scope: sql`p.project = ${'mine'}`,
};

/** Letters only: the oracle must not depend on a collation. `%`, `_` and `\` only where they are searched for as such. */
const word = fc.string({ unit: fc.constantFrom('a', 'b', 'A', '%', '_', '\\'), maxLength: 4 });
const plain = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 3 });
const size = fc.integer({ min: 0, max: 4 });
const instant = fc.integer({ min: 0, max: 5 }).map((n) => new Date(Date.UTC(2026, 0, 1) + n * 1000).toISOString());
const label = fc.constantFrom('x', 'y', 'z');

const rowArbitrary: fc.Arbitrary<Row> = fc.record({
  id: fc.uuid(),
  name: plain,
  note: fc.option(word),
  size: fc.option(size),
  at: instant,
  labels: fc.uniqueArray(label),
  deletedAt: fc.option(instant, { freq: 3 }),
});

const filterArbitrary: fc.Arbitrary<Filter> = fc.oneof(
  ordered('size', size),
  ordered('at', instant),
  ordered('name', plain),
  fc.record({
    field: fc.constantFrom('note', 'size'),
    operator: fc.constantFrom<Operator>('eq', 'neq'),
    value: fc.constant(null),
  }),
  fc.record({
    field: fc.constantFrom('note', 'name'),
    operator: fc.constantFrom<Operator>('eq', 'neq', 'contains'),
    value: word,
  }),
  fc.record({
    field: fc.constantFrom('note', 'name'),
    operator: fc.constantFrom<Operator>('like', 'ilike'),
    value: word.filter((pattern) => (/\\*$/.exec(pattern)?.[0].length ?? 0) % 2 === 0),
  }),
  fc.record({
    field: fc.constant('size'),
    operator: fc.constantFrom<Operator>('in', 'not_in'),
    value: fc.array(size, { maxLength: 3 }),
  }),
  fc.record({
    field: fc.constant('labels'),
    operator: fc.constant<Operator>('json_contains'),
    value: fc.uniqueArray(label),
  }),
);

function ordered(field: string, value: fc.Arbitrary<unknown>): fc.Arbitrary<Filter> {
  const operator = fc.constantFrom<Operator>('eq', 'neq', 'gt', 'gte', 'lt', 'lte');
  return fc.record({ field: fc.constant(field), operator, value });
}

const queryArbitrary = fc.record(
  {
    filters: fc.array(filterArbitrary, { maxLength: 3 }),
    sortBy: fc.constantFrom('name', 'size', 'at', 'id'),
    sortOrder: fc.constantFrom<'asc' | 'desc'>('asc', 'desc'),
    includeDeleted: fc.boolean(),
  },
  { requiredKeys: ['filters'] },
);

/** The same question answered over an array. */
function oracle(rows: readonly Row[], query: ListQuery): string[] {
  const by = (query.sortBy ?? 'at') as 'name' | 'size' | 'at' | 'id';
  const order = query.sortOrder ?? (query.sortBy === undefined ? 'desc' : 'asc');
  const sign = order === 'asc' ? 1 : -1;
  return rows
    .filter((row) => query.includeDeleted || row.deletedAt === null)
    .filter((row) => (query.filters ?? []).every((filter) => matches(row, filter)))
    .sort((a, b) => {
      const [left, right] = [a[by], b[by]];
      if (left === null || right === null) {
        if (left !== right) return left === null ? 1 : -1;
      } else if (left !== right) return left < right ? -sign : sign;
      return a.id < b.id ? -sign : sign;
    })
    .map((row) => row.id);
}

function matches(row: Row, filter: Filter): boolean {
  const actual = row[filter.field as keyof Row];
  const value = filter.value as string | number;
  switch (filter.operator) {
    case 'eq':
      return actual === value;
    case 'neq':
      return actual !== value;
    case 'gt':
      return actual !== null && actual > value;
    case 'gte':
      return actual !== null && actual >= value;
    case 'lt':
      return actual !== null && actual < value;
    case 'lte':
      return actual !== null && actual <= value;
    case 'in':
      return (filter.value as unknown[]).includes(actual);
    case 'not_in':
      return !(filter.value as unknown[]).includes(actual);
    case 'contains':
      return typeof actual === 'string' && actual.includes(String(value));
    case 'like':
      return typeof actual === 'string' && likeExpression(String(value), 's').test(actual);
    case 'ilike':
      return typeof actual === 'string' && likeExpression(String(value), 'si').test(actual);
    case 'json_contains':
      return (filter.value as string[]).every((item) => row.labels.includes(item));
  }
}

function likeExpression(pattern: string, flags: string): RegExp {
  const literal = (text: string) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  const source = pattern.replace(/\\(.)|%|_|[^\\%_]+/gs, (part, escaped: string | undefined) => {
    if (escaped !== undefined) return literal(escaped);
    return part === '%' ? '.*' : part === '_' ? '.' : literal(part);
  });
  return new RegExp(`^${source}$`, flags);
}

describeOnBackends('list queries', (backend) => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await backend.open();
    await db.database.query({
      name: '',
      text: `CREATE TABLE query_probe (id uuid PRIMARY KEY, project text NOT NULL DEFAULT 'mine', name text NOT NULL, note text,
        size integer, at timestamptz NOT NULL, labels jsonb NOT NULL, deleted_at timestamptz)`,
    });
  });
  afterAll(() => db.close());

  const clear = statement('probe.clear', 'DELETE FROM query_probe');
  const fill = statement(
    'probe.fill',
    `INSERT INTO query_probe (id, name, note, size, at, labels, deleted_at)
     SELECT id, name, note, size, at, labels, "deletedAt" FROM jsonb_to_recordset($1::jsonb)
       AS r (id uuid, name text, note text, size integer, at timestamptz, labels jsonb, "deletedAt" timestamptz)`,
  );
  async function store(rows: readonly Row[]): Promise<void> {
    await db.database.query(clear);
    await db.database.query(fill, [JSON.stringify(rows)]);
  }
  async function page(query: ListQuery): Promise<{ id: string; sort_key: string | null }[]> {
    const composed = composePage(source, query);
    return db.database.query(composed.statement, composed.values);
  }
  async function total(query: ListQuery): Promise<number | undefined> {
    const composed = composeCount(source, query);
    const [row] = await db.database.query<{ total: number }>(composed.statement, composed.values);
    return row?.total;
  }

  const rowsArbitrary = fc.uniqueArray(rowArbitrary, { selector: (row) => row.id, maxLength: 25 });

  it('finds and sorts what an array would, for any filters', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(rowsArbitrary, queryArbitrary, async (rows, query) => {
        await store(rows);
        const expected = oracle(rows, query);
        const composed = composeRows(source, query, 1000, 0);
        const found = await db.database.query<{ id: string }>(composed.statement, composed.values);
        expect(found.map((row) => row.id)).toEqual(expected);
        expect(await total(query)).toBe(expected.length);
      }),
      { numRuns: 150 },
    );
  });

  it('cuts the same rows into pages by number and by cursor', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(rowsArbitrary, queryArbitrary, fc.integer({ min: 1, max: 7 }), async (rows, query, pageSize) => {
        await store(rows);
        const expected = oracle(rows, query);
        const byNumber: string[] = [];
        for (let number = 1; number <= Math.ceil(expected.length / pageSize); number += 1) {
          byNumber.push(...(await page({ ...query, page: number, pageSize })).slice(0, pageSize).map((row) => row.id));
        }
        expect(byNumber).toEqual(expected);

        const byCursor: string[] = [];
        let cursor: string | undefined;
        do {
          const found = await page({ ...query, pageSize, ...(cursor === undefined ? {} : { cursor }) });
          const items = found.slice(0, pageSize);
          byCursor.push(...items.map((row) => row.id));
          const last = items.at(-1);
          cursor = found.length > pageSize && last ? cursorAfter(table, query, last) : undefined;
        } while (cursor !== undefined);
        expect(byCursor).toEqual(expected);
      }),
      { numRuns: 40 },
    );
  });

  it('keeps rows apart that differ by a microsecond when paging by cursor', async () => {
    await db.database.query(clear);
    const ids = ['1', '2', '3', '4'].map((digit) => `00000000-0000-4000-8000-00000000000${digit}`);
    for (const [index, id] of ids.entries()) {
      const at = `2026-01-01T00:00:00.00000${4 - index}Z`;
      await db.database.query(fill, [JSON.stringify([{ id, name: 'n', at, labels: [] }])]);
    }
    const query: ListQuery = { sortBy: 'at', sortOrder: 'asc', pageSize: 2 };
    const first = (await page(query)).slice(0, 2);
    const last = first[1];
    if (!last) throw new Error('no rows');
    const second = await page({ ...query, cursor: cursorAfter(table, query, last) });
    expect([...first, ...second].map((row) => row.id)).toEqual([...ids].reverse());
  });

  it('gives no rows for a limit of 0 and sees no other project', async () => {
    await store([
      {
        id: '00000000-0000-4000-8000-000000000001',
        name: 'n',
        note: null,
        size: 0,
        at: '2026-01-01T00:00:00Z',
        labels: [],
        deletedAt: null,
      },
    ]);
    const none = composeRows(source, {}, 0, 0);
    expect(await db.database.query(none.statement, none.values)).toEqual([]);
    const other = composeRows({ ...source, scope: sql`p.project = ${'other'}` as RawBuilder<unknown> }, {}, 10, 0);
    expect(await db.database.query(other.statement, other.values)).toEqual([]);
  });
});

describe('composing a list', () => {
  it('binds every value and leaves the query it was given alone', () => {
    const query: ListQuery = { filters: [{ field: 'name', operator: 'eq', value: `'; drop table x; --` }] };
    const frozen = structuredClone(query);
    const composed = composeRows(source, query, 10, 0);
    expect(composed.statement.text).not.toContain('drop table');
    expect(composed.values).toContain(`'; drop table x; --`);
    expect(query).toEqual(frozen);
  });

  it('makes one statement of lists that differ only in values', () => {
    const of = (value: string[]) =>
      composeRows(source, { filters: [{ field: 'name', operator: 'in', value }] }, 10, 0).statement.name;
    expect(of(['a'])).toBe(of(['a', 'b', 'c']));
  });
});
