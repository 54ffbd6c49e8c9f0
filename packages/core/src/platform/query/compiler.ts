import {
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type RawBuilder,
} from 'kysely';
import { composedStatement, type Statement } from '../database/index.ts';

/** A statement composed at run time, with the values of its placeholders. */
export interface Composed {
  statement: Statement;
  values: readonly unknown[];
}

/** kysely as a compiler only: it never holds a connection; what it composes runs as a named statement (stack). */
const compiler = new Kysely<unknown>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (database) => new PostgresIntrospector(database),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
});

/** @param label what the statement is for, as `room.verb`. */
export function compile(label: string, query: RawBuilder<unknown>): Composed {
  const { sql, parameters } = query.compile(compiler);
  return { statement: composedStatement(label, sql), values: parameters };
}
