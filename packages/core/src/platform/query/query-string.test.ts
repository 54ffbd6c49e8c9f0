import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { SignalboxError } from '../errors/index.ts';
import type { ListSource } from './index.ts';
import { composePage, type FieldTable, parseListQuery } from './index.ts';

const table: FieldTable = {
  noun: 'probe',
  fields: {
    title: { kind: 'text', column: 'p.title' },
    parentId: { kind: 'uuid', column: 'p.parent_id', nullable: true },
    priority: { kind: 'integer', column: 'p.priority' },
    'limits.cpuLimit': { kind: 'number', column: 'p.cpu_limit', nullable: true },
    bytes: { kind: 'bigint', column: 'p.bytes' },
    status: { kind: 'status', column: 'p.status', values: ['on', 'off'] },
    type: { kind: 'enum', column: 'p.type', values: ['a', 'b'] },
    live: { kind: 'boolean', column: 'p.live' },
    createdAt: { kind: 'time', column: 'p.created_at' },
    tags: { kind: 'json', column: 'p.tags' },
  },
  defaultSort: { by: 'createdAt', order: 'desc' },
  idColumn: 'p.id',
  deletedColumn: null,
};
const source: ListSource = { label: 'probe.list', table, columns: sql`p.*`, from: sql`probe p`, scope: sql`true` };

/** What a request with these parameters is answered with: the error's code and details, or null. */
function refusal(
  parameters: Record<string, string | string[]>,
): Pick<SignalboxError, 'code' | 'details' | 'status'> | null {
  try {
    composePage(source, parseListQuery(table, parameters));
    return null;
  } catch (error) {
    if (!SignalboxError.is(error)) throw error;
    return { code: error.code, details: error.details, status: error.status };
  }
}

describe('reading a query string', () => {
  it('reads fields, operators, lists, JSON, null and repeated parameters', () => {
    const query = parseListQuery(
      table,
      {
        priority: '0',
        'priority.gte': ['1', '2'],
        'title.in': 'x,y',
        'title.not_in': '["a,b"]',
        'tags.json_contains': '["x"]',
        'limits.cpuLimit.lt': '0.5',
        parentId: 'null',
        title: 'null',
        page: '2',
        pageSize: '5',
        sortBy: 'title',
        sortOrder: 'desc',
        includeDeleted: 'true',
        include: 'metrics',
      },
      ['include'],
    );
    expect(query).toEqual({
      page: 2,
      pageSize: 5,
      sortBy: 'title',
      sortOrder: 'desc',
      includeDeleted: true,
      filters: [
        { field: 'priority', operator: 'eq', value: '0' },
        { field: 'priority', operator: 'gte', value: '1' },
        { field: 'priority', operator: 'gte', value: '2' },
        { field: 'title', operator: 'in', value: ['x', 'y'] },
        { field: 'title', operator: 'not_in', value: ['a,b'] },
        { field: 'tags', operator: 'json_contains', value: ['x'] },
        { field: 'limits.cpuLimit', operator: 'lt', value: '0.5' },
        { field: 'parentId', operator: 'eq', value: null },
        { field: 'title', operator: 'eq', value: 'null' },
      ],
    });
  });

  it.each([
    [{ titel: 'x' }, 'UNKNOWN_FILTER', { filter: 'titel', hint: '' }],
    [{ sort: '-title' }, 'UNKNOWN_FILTER', { hint: expect.stringContaining('`sortBy`') }],
    [{ limit: '5' }, 'UNKNOWN_FILTER', { hint: expect.stringContaining('`pageSize`') }],
    [{ 'titel.eq': 'x' }, 'UNKNOWN_FILTER', { filter: 'titel' }],
    [{ constructor: 'x' }, 'UNKNOWN_FILTER', { filter: 'constructor' }],
    [{ '__proto__.eq': 'x' }, 'UNKNOWN_FILTER', { filter: '__proto__' }],
    [{ 'title.equals': 'x' }, 'UNKNOWN_OPERATOR', { filter: 'title', operator: 'equals' }],
    [{ 'priority.like': '1' }, 'UNKNOWN_OPERATOR', { filter: 'priority', operator: 'like' }],
    [{ tags: 'x' }, 'UNKNOWN_OPERATOR', { filter: 'tags', operator: 'eq' }],
    [{ sortBy: 'titel' }, 'UNKNOWN_SORT_KEY', { key: 'titel' }],
    [{ sortBy: 'tags' }, 'UNKNOWN_SORT_KEY', { key: 'tags' }],
    [{ status: 'onn' }, 'INVALID_STATUS', { status: 'onn', known: ['on', 'off'] }],
    [{ 'status.in': 'on,onn' }, 'INVALID_STATUS', { status: 'onn' }],
    [{ type: 'c' }, 'VALIDATION_FAILED', { field: 'type' }],
    [{ priority: 'high' }, 'VALIDATION_FAILED', { field: 'priority' }],
    [{ priority: '' }, 'VALIDATION_FAILED', { field: 'priority' }],
    [{ priority: '99999999999' }, 'VALIDATION_FAILED', { field: 'priority' }],
    [{ priority: '1.5' }, 'VALIDATION_FAILED', { field: 'priority' }],
    [{ bytes: '9223372036854775808' }, 'VALIDATION_FAILED', { field: 'bytes' }],
    [{ live: 'yes' }, 'VALIDATION_FAILED', { field: 'live' }],
    [{ parentId: 'P' }, 'VALIDATION_FAILED', { field: 'parentId' }],
    [{ 'createdAt.gt': 'yesterday' }, 'VALIDATION_FAILED', { field: 'createdAt' }],
    [{ 'createdAt.gt': '2026-02-30' }, 'VALIDATION_FAILED', { field: 'createdAt' }],
    [{ 'title.contains': 'a\0b' }, 'VALIDATION_FAILED', { field: 'title' }],
    [{ 'title.like': 'a\\' }, 'VALIDATION_FAILED', { field: 'title' }],
    [{ 'tags.json_contains': 'x' }, 'VALIDATION_FAILED', {}],
    [{ sortOrder: 'down' }, 'VALIDATION_FAILED', {}],
    [{ page: '0' }, 'PAGE_OUT_OF_RANGE', { name: 'page' }],
    [{ page: 'x' }, 'VALIDATION_FAILED', {}],
    [{ page: '1.5' }, 'PAGE_OUT_OF_RANGE', { name: 'page' }],
    [{ pageSize: '0' }, 'PAGE_OUT_OF_RANGE', { name: 'pageSize' }],
    [{ pageSize: '101' }, 'PAGE_OUT_OF_RANGE', { name: 'pageSize', max: 100 }],
    [{ page: ['1', '2'] }, 'VALIDATION_FAILED', {}],
    [{ cursor: 'x' }, 'INVALID_CURSOR', {}],
    [{ cursor: Buffer.from('["title","asc","x","y"]').toString('base64url') }, 'INVALID_CURSOR', {}],
  ])('refuses %j with %s', (parameters, code, details) => {
    const refused = refusal(parameters as Record<string, string>);
    expect(refused?.code).toBe(code);
    expect(refused?.status).toBe(400);
    expect(refused?.details).toMatchObject(details);
  });

  it('takes the same parameters when they are right', () => {
    expect(refusal({ status: 'on', type: 'a', priority: '0', live: 'false', 'createdAt.gt': '2026-02-28' })).toBeNull();
  });

  it('refuses a cursor made for another sort, and one whose key is no key', () => {
    const cursor = (parts: unknown) => Buffer.from(JSON.stringify(parts)).toString('base64url');
    const id = '00000000-0000-4000-8000-000000000001';
    expect(refusal({ cursor: cursor(['createdAt', 'desc', '2026-01-01T00:00:00.000001Z', id]) })).toBeNull();
    expect(refusal({ cursor: cursor(['createdAt', 'asc', '2026-01-01T00:00:00.000001Z', id]) })?.code).toBe(
      'INVALID_CURSOR',
    );
    expect(refusal({ cursor: cursor(['createdAt', 'desc', '2026-02-30T00:00:00Z', id]) })?.code).toBe('INVALID_CURSOR');
    expect(refusal({ cursor: cursor(['createdAt', 'desc', null, id]) })?.code).toBe('INVALID_CURSOR');
    expect(refusal({ sortBy: 'priority', cursor: cursor(['priority', 'asc', '1); select', id]) })?.code).toBe(
      'INVALID_CURSOR',
    );
  });
});
