export { type Clock, systemClock } from './platform/clock/clock.ts';
export { ERROR_TABLE, type ErrorCode, type ErrorDetails, SignalboxError } from './platform/errors/index.ts';
export { type Ids, idsFrom, systemIds } from './platform/ids/ids.ts';
export * from './sessions/runtime.ts';
