import {
  type ActionOptions,
  acting,
  answerOf,
  type CallOptions,
  ifMatch,
  type Transport,
} from '../transport/transport.ts';
import type { ListQuery, Page, Queue, UpdateQueue } from '../types.ts';

/** Where tasks wait. Every name is a queue. */
export function queueMethods({ http }: Transport) {
  const steered = (name: string, options?: ActionOptions) => ({ params: { path: { name } }, ...acting(options) });
  return {
    /** Those in which there is or was something. */
    list: (query: ListQuery = {}, options: CallOptions = {}): Promise<Page<Queue>> =>
      answerOf(http.GET('/api/v1/queues', { params: { query }, ...options })),
    get: (name: string, options: CallOptions = {}): Promise<Queue> =>
      answerOf(http.GET('/api/v1/queues/{name}', { params: { path: { name } }, ...options })),
    /** Sets limits; null takes one away, what is left out stays. */
    update: (name: string, version: number, change: UpdateQueue, options: CallOptions = {}): Promise<Queue> =>
      answerOf(
        http.PATCH('/api/v1/queues/{name}', {
          params: { path: { name }, header: ifMatch(version) },
          body: change,
          ...options,
        }),
      ),
    pause: (name: string, options?: ActionOptions): Promise<Queue> =>
      answerOf(http.POST('/api/v1/queues/{name}/pause', steered(name, options))),
    resume: (name: string, options?: ActionOptions): Promise<Queue> =>
      answerOf(http.POST('/api/v1/queues/{name}/resume', steered(name, options))),
    drain: (name: string, options?: ActionOptions): Promise<Queue> =>
      answerOf(http.POST('/api/v1/queues/{name}/drain', steered(name, options))),
    open: (name: string, options?: ActionOptions): Promise<Queue> =>
      answerOf(http.POST('/api/v1/queues/{name}/open', steered(name, options))),
  };
}
