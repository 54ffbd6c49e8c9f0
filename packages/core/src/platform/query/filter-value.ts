import { z } from 'zod';
import { SignalboxError } from '../errors/index.ts';
import { uuidSchema } from '../ids/ids.ts';
import type { Field, FieldTable } from './field-table.ts';
import { isCompletePattern } from './like-pattern.ts';
import type { Operator } from './operators.ts';

const MAX_LIST = 1000;
const INT4 = 2 ** 31;
const INT8 = 2n ** 63n;

const text = z.string().refine((value) => !value.includes('\0'), 'must not contain NUL characters');
const integer = z.coerce
  .number()
  .int()
  .min(-INT4)
  .max(INT4 - 1);
const bigint = z.coerce
  .bigint()
  .min(-INT8)
  .max(INT8 - 1n)
  .transform(String);
const time = z.union([
  z.date(),
  z.iso.datetime({ offset: true }).refine((value) => !value.startsWith('0000'), 'there is no year 0'),
  z.iso.date().refine((value) => !value.startsWith('0000'), 'there is no year 0'),
]);

/** Numbers arrive as text in a query string; blank text is no number, though JavaScript makes 0 of it. */
const given = z.union([z.number(), z.bigint(), z.string().trim().min(1)], 'must be a number');
const numeric = (schema: z.ZodType) => given.pipe(schema as z.ZodType<unknown, string | number | bigint>);

const SCALARS = {
  text,
  uuid: uuidSchema,
  boolean: z.union([z.boolean(), z.enum(['true', 'false']).transform((value) => value === 'true')]),
  integer: numeric(integer),
  bigint: numeric(bigint),
  number: numeric(z.coerce.number().refine(Number.isFinite, 'must be finite')),
  time: time.transform((value) => (value instanceof Date ? value.toISOString() : value)),
} as const satisfies Record<string, z.ZodType>;

/**
 * Checks a filter's value against its field and brings it into the form in which it is bound: enum members and raw
 * values are the same (ORC-092), 0 is a value (ORC-206), nothing is dropped.
 * @throws INVALID_STATUS, VALIDATION_FAILED
 */
export function filterValue(
  table: FieldTable,
  name: string,
  field: Field,
  operator: Operator,
  value: unknown,
): unknown {
  switch (operator) {
    case 'in':
    case 'not_in': {
      if (!Array.isArray(value)) throw invalid(name, operator, 'must be a list');
      if (value.length > MAX_LIST) throw invalid(name, operator, `must not list more than ${MAX_LIST} values`);
      return value.map((item) => scalar(table, name, field, operator, item));
    }
    case 'like':
    case 'ilike': {
      const pattern = check(text, name, operator, value);
      if (!isCompletePattern(String(pattern))) throw invalid(name, operator, 'must not end with an escape character');
      return pattern;
    }
    case 'contains':
      return check(text, name, operator, value);
    case 'json_contains':
      return check(z.json(), name, operator, value);
    default:
      if (value === null) {
        if (field.nullable && (operator === 'eq' || operator === 'neq')) return null;
        throw invalid(name, operator, 'must not be null');
      }
      return scalar(table, name, field, operator, value);
  }
}

function scalar(table: FieldTable, name: string, field: Field, operator: Operator, value: unknown): unknown {
  switch (field.kind) {
    case 'status':
      if (!field.values.includes(String(value))) {
        throw new SignalboxError('INVALID_STATUS', { status: value, noun: table.noun, known: field.values });
      }
      return value;
    case 'enum':
      if (!field.values.includes(String(value))) {
        throw invalid(name, operator, `must be one of: ${field.values.join(', ')}`);
      }
      return value;
    case 'json':
      throw invalid(name, operator, 'is JSON');
    default:
      return check(SCALARS[field.kind], name, operator, value);
  }
}

function check(schema: z.ZodType, name: string, operator: Operator, value: unknown): unknown {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw invalid(name, operator, result.error.issues.map((issue) => issue.message).join('; '));
}

function invalid(name: string, operator: Operator, reason: string): SignalboxError {
  return new SignalboxError('VALIDATION_FAILED', {
    field: name,
    operator,
    reason: `the value of ${name}.${operator} is wrong: ${reason}`,
  });
}
