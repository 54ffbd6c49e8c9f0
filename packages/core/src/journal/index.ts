export { MAX_JSON_DEPTH, storableJson, storableText } from '../platform/json/storable-json.ts';
export {
  type AppendOptions,
  type AppendReceipt,
  appendAllInTransaction,
  appendInTransaction,
  type SessionEvents,
} from './append-events.ts';
export { Journal, type JournalOptions, type JournalPage, type JournalQuery } from './journal.ts';
export * from './journal-event.ts';
export { type NewJournal, openJournal, openJournals, setExpiry, setFence } from './journal-lifecycle.ts';
export { type JournalHead, readEarlierCall } from './journal-read-store.ts';
export { INLINE_PAYLOAD_BYTES, MAX_EVENT_BYTES } from './prepare-events.ts';
export * from './replay/index.ts';
export * from './state/index.ts';
export { entitiesOfEvent, entitiesTouched, type TellingEvent } from './telling-event.ts';
export { lastTellingEvents, tellingEvents, touchingEvents } from './telling-event-store.ts';
export { eventsUpTo, latestEvents } from './whole-events.ts';
