import { answerOf, type CallOptions, type CreateOptions, type Transport } from '../transport/transport.ts';
import type { Checkpoint, CreateCheckpoint, ListQuery, Page } from '../types.ts';

/** Numbered resume points of a session. */
export function checkpointMethods({ http, creating }: Transport) {
  return {
    list: (sessionId: string, query: ListQuery = {}, options: CallOptions = {}): Promise<Page<Checkpoint>> =>
      answerOf(
        http.GET('/api/v1/sessions/{id}/checkpoints', {
          params: { path: { id: sessionId }, query },
          ...options,
        }),
      ),
    get: (sessionId: string, sequence: number, options: CallOptions = {}): Promise<Checkpoint> =>
      answerOf(
        http.GET('/api/v1/sessions/{id}/checkpoints/{sequence}', {
          params: { path: { id: sessionId, sequence } },
          ...options,
        }),
      ),
    create: (sessionId: string, checkpoint: CreateCheckpoint, options?: CreateOptions): Promise<Checkpoint> =>
      answerOf(
        http.POST('/api/v1/sessions/{id}/checkpoints', {
          params: { path: { id: sessionId } },
          body: checkpoint,
          ...creating(options),
        }),
      ),
  };
}
