export { ERROR_TABLE, type ErrorCode } from './error-table.ts';
export { inputError, parseInput } from './parse-input.ts';
export { type ErrorDetails, renderMessage, SignalboxError } from './signalbox-error.ts';
