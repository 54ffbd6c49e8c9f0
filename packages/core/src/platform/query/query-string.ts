import { z } from 'zod';
import { SignalboxError } from '../errors/index.ts';
import type { FieldTable } from './field-table.ts';
import { type Filter, filterField } from './filter.ts';
import type { ListQuery } from './list-query.ts';
import { isOperator, type Operator, operatorsOf } from './operators.ts';

/** Parameters as HTTP servers hand them over; a repeated one is a list, and all of its values must hold. */
export type QueryParameters = Readonly<Record<string, string | readonly string[] | undefined>>;

const listParameters = z.object({
  page: z.coerce.number().optional(),
  pageSize: z.coerce.number().optional(),
  sortBy: z.string().optional(),
  sortOrder: z.enum(['asc', 'desc'], 'sortOrder must be asc or desc').optional(),
  cursor: z.string().max(4096).optional(),
  includeDeleted: z
    .enum(['true', 'false'], 'includeDeleted must be true or false')
    .transform((value) => value === 'true')
    .optional(),
});
const RESERVED = new Set(Object.keys(listParameters.shape));

/**
 * Reads `?status=running&priority.gte=1&tags.json_contains=["x"]&sortBy=createdAt&page=2`. A name without an operator
 * means `eq`; lists of `in` and `not_in` are separated by commas or given as a JSON array; `null` means null where the
 * field can be null.
 * @param own parameters of the route itself, left alone here.
 * @throws UNKNOWN_FILTER, UNKNOWN_OPERATOR, VALIDATION_FAILED
 */
export function parseListQuery(
  table: FieldTable,
  parameters: QueryParameters,
  own: readonly string[] = [],
): ListQuery & { filters: Filter[] } {
  const filters: Filter[] = [];
  const reserved: Record<string, string> = {};
  for (const [name, given] of Object.entries(parameters)) {
    if (given === undefined || own.includes(name)) continue;
    const values = typeof given === 'string' ? [given] : given;
    if (RESERVED.has(name)) {
      if (values.length !== 1) throw invalid(`${name} is given more than once`);
      reserved[name] = values[0] ?? '';
      continue;
    }
    const { field, operator } = filterName(table, name);
    for (const value of values) filters.push({ field, operator, value: filterInput(table, field, operator, value) });
  }
  const parsed = listParameters.safeParse(reserved);
  if (!parsed.success) throw invalid(parsed.error.issues.map((issue) => issue.message).join('; '));
  return { ...parsed.data, filters };
}

/** Field names may hold dots themselves (`limits.cpuLimit`), so the whole name is tried first. */
function filterName(table: FieldTable, name: string): { field: string; operator: Operator } {
  if (Object.hasOwn(table.fields, name)) return { field: name, operator: 'eq' };
  const dot = name.lastIndexOf('.');
  if (dot < 0) filterField(table, name);
  const field = name.slice(0, dot);
  const operator = name.slice(dot + 1);
  const known = operatorsOf(filterField(table, field).kind);
  if (!isOperator(operator)) throw new SignalboxError('UNKNOWN_OPERATOR', { filter: field, operator, known });
  return { field, operator };
}

function filterInput(table: FieldTable, field: string, operator: Operator, value: string): unknown {
  switch (operator) {
    case 'in':
    case 'not_in':
      if (value.startsWith('[')) return json(field, operator, value);
      return value === '' ? [] : value.split(',');
    case 'json_contains':
      return json(field, operator, value);
    case 'eq':
    case 'neq':
      return value === 'null' && filterField(table, field).nullable ? null : value;
    default:
      return value;
  }
}

function json(field: string, operator: Operator, value: string): unknown {
  try {
    return JSON.parse(value);
  } catch (cause) {
    throw invalid(`the value of ${field}.${operator} is not JSON`, cause);
  }
}

function invalid(reason: string, cause?: unknown): SignalboxError {
  return new SignalboxError('VALIDATION_FAILED', { reason }, { cause });
}
