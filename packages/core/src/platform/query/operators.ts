import type { FieldKind } from './field-table.ts';

/** The twelve filter operators (ORC-090). Several filters combine with AND. */
export const OPERATORS = [
  'eq',
  'neq',
  'gt',
  'gte',
  'lt',
  'lte',
  'in',
  'not_in',
  'like',
  'ilike',
  'contains',
  'json_contains',
] as const;
export type Operator = (typeof OPERATORS)[number];

const EQUALITY = ['eq', 'neq', 'in', 'not_in'] as const;
const ORDER = ['gt', 'gte', 'lt', 'lte'] as const;

/** Which operators make sense for a kind of field: `contains` is for text, `json_contains` for JSON (ORC-091). */
const OPERATORS_OF: Readonly<Record<FieldKind, readonly Operator[]>> = {
  text: [...EQUALITY, ...ORDER, 'like', 'ilike', 'contains'],
  uuid: EQUALITY,
  enum: EQUALITY,
  status: EQUALITY,
  boolean: EQUALITY,
  integer: [...EQUALITY, ...ORDER],
  bigint: [...EQUALITY, ...ORDER],
  number: [...EQUALITY, ...ORDER],
  time: [...EQUALITY, ...ORDER],
  json: ['json_contains'],
};

export function operatorsOf(kind: FieldKind): readonly Operator[] {
  return OPERATORS_OF[kind];
}

export function isOperator(name: string): name is Operator {
  return (OPERATORS as readonly string[]).includes(name);
}
