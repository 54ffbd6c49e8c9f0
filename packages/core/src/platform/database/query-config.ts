import type pg from 'pg';
import type { Statement } from './statement.ts';

/** What the driver takes; a statement without a name is sent unnamed. */
export function toQuery(statement: Statement, values: readonly unknown[]): pg.QueryConfig {
  const query = { text: statement.text, values: [...values] };
  return statement.name === '' ? query : { ...query, name: statement.name };
}
