import type pg from 'pg';
import type { Statement } from './statement.ts';

/** What the driver takes, with a limit of its own that its types leave out. */
export type LimitedQuery = pg.QueryConfig & { query_timeout?: number };

/**
 * What the driver takes; a statement without a name is sent unnamed.
 * @param answerMs how long to wait for the answer, in milliseconds; 0: for ever.
 */
export function toQuery(statement: Statement, values: readonly unknown[], answerMs: number): LimitedQuery {
  const query = { text: statement.text, values: [...values], ...limited(answerMs) };
  return statement.name === '' ? query : { ...query, name: statement.name };
}

/** A command without values, as BEGIN and COMMIT are. */
export function toCommand(text: string, answerMs: number): LimitedQuery {
  return { text, ...limited(answerMs) };
}

function limited(answerMs: number): { query_timeout?: number } {
  return answerMs > 0 ? { query_timeout: answerMs } : {};
}
