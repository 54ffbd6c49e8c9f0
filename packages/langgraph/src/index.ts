export { overClient } from './client-backend.ts';
export { type CoreThreads, inCore } from './core-backend.ts';
export { SignalboxSaver, type SignalboxSaverOptions } from './signalbox-saver.ts';
export type {
  CheckpointKey,
  CheckpointQuery,
  CheckpointToSave,
  StoredCheckpoint,
  ThreadBackend,
  TypedBytes,
  WritesToSave,
} from './thread-backend.ts';
