export { ERROR_TABLE, type ErrorCode } from './error-table.ts';
export { type ErrorDetails, SignalboxError } from './signalbox-error.ts';
