import { ApiError } from '../transport/api-error.ts';
import { answerOf, type CallOptions, succeeded, type Transport } from '../transport/transport.ts';
import type {
  PrunedThreads,
  PruneThreads,
  SaveThreadCheckpoint,
  SaveThreadWrites,
  Thread,
  ThreadCheckpoint,
  ThreadCheckpointPage,
  ThreadPage,
} from '../types.ts';

export interface ThreadCheckpointQuery {
  threadId?: string;
  namespace?: string;
  checkpointId?: string;
  /** Checkpoints with ids below this one. */
  before?: string;
  /** JSON that the metadata has to contain. */
  metadata?: string;
  limit?: number;
  cursor?: string;
}

/** The checkpoints of graphs that run elsewhere; `@signalbox/langgraph` is built on these. */
export function threadMethods({ http }: Transport) {
  const at = (id: string) => ({ params: { path: { id } } });
  return {
    /** In the order of their ids; go on with `nextAfter`. */
    list: (query: { after?: string; limit?: number } = {}, options: CallOptions = {}): Promise<ThreadPage> =>
      answerOf(http.GET('/api/v1/threads', { params: { query }, ...options })),
    get: (id: string, options: CallOptions = {}): Promise<Thread> =>
      answerOf(http.GET('/api/v1/threads/{id}', { ...at(id), ...options })),
    delete: (id: string, options: CallOptions = {}): Promise<void> =>
      succeeded(http.DELETE('/api/v1/threads/{id}', { ...at(id), ...options })),
    /** Saves a checkpoint; safe to repeat. */
    save: (id: string, checkpoint: SaveThreadCheckpoint, options: CallOptions = {}): Promise<void> =>
      succeeded(http.POST('/api/v1/threads/{id}/checkpoints', { ...at(id), body: checkpoint, ...options })),
    /** Keeps what a task wrote after a checkpoint; safe to repeat. */
    write: (id: string, writes: SaveThreadWrites, options: CallOptions = {}): Promise<void> =>
      succeeded(http.POST('/api/v1/threads/{id}/writes', { ...at(id), body: writes, ...options })),
    /** The checkpoint named, or the latest; null where there is none. */
    load: async (
      id: string,
      query: { namespace?: string; checkpointId?: string } = {},
      options: CallOptions = {},
    ): Promise<ThreadCheckpoint | null> => {
      try {
        return await answerOf(
          http.GET('/api/v1/threads/{id}/checkpoint', { params: { path: { id }, query }, ...options }),
        );
      } catch (error) {
        if (error instanceof ApiError && error.code === 'THREAD_CHECKPOINT_NOT_FOUND') return null;
        throw error;
      }
    },
    /** Newest first. */
    checkpoints: (query: ThreadCheckpointQuery = {}, options: CallOptions = {}): Promise<ThreadCheckpointPage> =>
      answerOf(http.GET('/api/v1/thread-checkpoints', { params: { query }, ...options })),
    /** Deletes old checkpoints of one thread or of all. */
    prune: (bounds: PruneThreads, options: CallOptions = {}): Promise<PrunedThreads> =>
      answerOf(http.POST('/api/v1/threads/prune', { body: bounds, ...options })),
  };
}
