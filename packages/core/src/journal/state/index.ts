export { foldFacts } from './fold-facts.ts';
export { factOf, type JournalFact } from './journal-fact.ts';
export { type JournalOrigin, type SessionState, sessionStateSchema, stateAtOrigin } from './session-state.ts';
export { SessionStates } from './session-states.ts';
export { readOrigin as journalOrigin } from './state-store.ts';
