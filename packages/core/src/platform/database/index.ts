export { byteaArray } from './bytea-array.ts';
export type {
  Database,
  DatabaseHealth,
  DatabaseKind,
  DedicatedConnection,
  Executor,
  Isolation,
  Transaction,
  TransactionOptions,
} from './database.ts';
export { DatabaseError, SQLSTATE } from './database-error.ts';
export { type ForeignClient, foreignTransaction } from './foreign-transaction.ts';
export { PgDatabase, type PgDatabaseOptions, type TransactionOutcome } from './pg-database.ts';
export { type CamelRow, camelName, camelRow } from './row-mapping.ts';
export { composedStatement, type Statement, statement } from './statement.ts';
export { outsideTransaction } from './transaction-context.ts';
export { uuidArray } from './uuid-array.ts';
