import { answerOf, type CallOptions, type Transport } from '../transport/transport.ts';
import type { Conflict, ListQuery, Page } from '../types.ts';

/** Sessions that got into each other's way. */
export function conflictMethods({ http }: Transport) {
  const ofId = (id: string) => ({ params: { path: { id } } });
  return {
    list: (query: ListQuery = {}, options: CallOptions = {}): Promise<Page<Conflict>> =>
      answerOf(http.GET('/api/v1/conflicts', { params: { query }, ...options })),
    ofSession: (sessionId: string, query: ListQuery = {}, options: CallOptions = {}): Promise<Page<Conflict>> =>
      answerOf(http.GET('/api/v1/sessions/{id}/conflicts', { params: { path: { id: sessionId }, query }, ...options })),
    get: (id: string, options: CallOptions = {}): Promise<Conflict> =>
      answerOf(http.GET('/api/v1/conflicts/{id}', { ...ofId(id), ...options })),
    acknowledge: (id: string, options: CallOptions = {}): Promise<Conflict> =>
      answerOf(http.POST('/api/v1/conflicts/{id}/acknowledge', { ...ofId(id), ...options })),
  };
}
