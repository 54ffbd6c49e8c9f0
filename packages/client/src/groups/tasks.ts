import { type ActionOptions, acting, answerOf, type CallOptions, type Transport } from '../transport/transport.ts';
import type { ListQuery, Page, Task } from '../types.ts';

/** Units of queued work. */
export function taskMethods({ http }: Transport) {
  return {
    list: (query: ListQuery = {}, options: CallOptions = {}): Promise<Page<Task>> =>
      answerOf(http.GET('/api/v1/tasks', { params: { query }, ...options })),
    get: (id: string, options: CallOptions = {}): Promise<Task> =>
      answerOf(http.GET('/api/v1/tasks/{id}', { params: { path: { id } }, ...options })),
    cancel: (id: string, options?: ActionOptions): Promise<Task> =>
      answerOf(http.POST('/api/v1/tasks/{id}/cancel', { params: { path: { id } }, ...acting(options) })),
  };
}
