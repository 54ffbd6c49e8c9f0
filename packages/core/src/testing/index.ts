export {
  type Comparison,
  compareWithLanguageService,
} from '../knowledge/indexers/typescript/testing/compare-with-language-service.ts';
export { statesOf as sourceStatesOf } from '../knowledge/indexers/typescript/testing/fixture.ts';
export { ManualClock } from '../platform/clock/manual-clock.ts';
export {
  describeOnBackends,
  firstBackend,
  pgliteBackend,
  postgresBackend,
  type TestBackend,
  type TestDatabase,
} from './backends.ts';
export { HalfOpenProxy } from './half-open-proxy.ts';
export { freeBehindFirst, freeWhileWaiting, pastHeld, somebodyWaits } from './held-rows.ts';
export { layPreparedData } from './prepared-data.ts';
export { randomCases } from './random-cases.ts';
export { expireTestClaim, insertTestProject, insertTestSession } from './rows.ts';
export { type ServerPostgres, startServerPostgres } from './server-postgres.ts';
