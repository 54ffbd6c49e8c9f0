export type { BatchObserver } from './batching/index.ts';
export type { Bus } from './bus/index.ts';
export { type Clock, systemClock } from './clock/clock.ts';
export * from './config/index.ts';
export { canonicalJson, getContents, pruneContents, putContents } from './content/index.ts';
export {
  type Database,
  DatabaseError,
  type DatabaseHealth,
  type DatabaseKind,
  PgDatabase,
  type Statement,
  type Transaction,
  type TransactionOptions,
  type TransactionOutcome,
} from './database/index.ts';
export {
  MIGRATIONS_TABLE,
  type MigrationStatus,
  Migrator,
  SEEDED_TABLES,
  schemaDrift,
  verifySchema,
} from './database/schema/index.ts';
export {
  type DataDirectoryReport,
  inspectDataDirectory,
  joinTier,
  type OpenTier,
  openTier,
  reachRunning,
} from './database/tiers/index.ts';
export * from './database/transfer/index.ts';
export {
  ERROR_TABLE,
  type ErrorCode,
  type ErrorDetails,
  inputError,
  parseInput,
  renderMessage,
  SignalboxError,
} from './errors/index.ts';
export * from './feed/index.ts';
export * from './idempotency/index.ts';
export { type Ids, idsFrom, systemIds, uuidSchema } from './ids/ids.ts';
export { createLogger, type Logger, type LoggerOptions } from './logging/index.ts';
export { type ListQuery, type Page, parseListQuery, type QueryParameters } from './query/index.ts';
export * from './redaction/index.ts';
export { currentTrace, type TraceContext, withTrace } from './trace/index.ts';
