import type {
  CheckpointKey,
  CheckpointQuery,
  CheckpointToSave,
  StoredCheckpoint,
  ThreadBackend,
  WritesToSave,
} from './thread-backend.ts';

/** What is needed of core's `Threads`; said here so that a graph that talks to a server need not install core. */
export interface CoreThreads {
  save(projectId: string, checkpoint: CheckpointToSave): Promise<void>;
  write(projectId: string, writes: WritesToSave): Promise<void>;
  load(projectId: string, key: CheckpointKey): Promise<StoredCheckpoint | null>;
  list(projectId: string, query: CheckpointQuery): Promise<{ items: StoredCheckpoint[]; nextCursor: string | null }>;
  delete(projectId: string, threadId: string, actor: string): Promise<boolean>;
}

/**
 * Keeps threads by core in this process: `inCore(core.threads, { projectId })`.
 * @param actor who deletes, for the audit.
 */
export function inCore(
  threads: CoreThreads,
  { projectId, actor = 'langgraph' }: { projectId: string; actor?: string },
): ThreadBackend {
  return {
    save: (checkpoint) => threads.save(projectId, checkpoint),
    write: (writes) => threads.write(projectId, writes),
    load: (key) => threads.load(projectId, key),
    list: (query) => threads.list(projectId, query),
    delete: async (threadId) => {
      await threads.delete(projectId, threadId, actor);
    },
  };
}
