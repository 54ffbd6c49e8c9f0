import {
  answerOf,
  type CallOptions,
  type CreateOptions,
  ifMatch,
  succeeded,
  type Transport,
} from '../transport/transport.ts';
import type { CreateSchedule, ListQuery, Page, Schedule, UpdateSchedule } from '../types.ts';

/** Tasks that come again and again. */
export function scheduleMethods({ http, creating }: Transport) {
  return {
    list: (query: ListQuery = {}, options: CallOptions = {}): Promise<Page<Schedule>> =>
      answerOf(http.GET('/api/v1/schedules', { params: { query }, ...options })),
    get: (id: string, options: CallOptions = {}): Promise<Schedule> =>
      answerOf(http.GET('/api/v1/schedules/{id}', { params: { path: { id } }, ...options })),
    create: (schedule: CreateSchedule, options?: CreateOptions): Promise<Schedule> =>
      answerOf(http.POST('/api/v1/schedules', { body: schedule, ...creating(options) })),
    update: (id: string, version: number, change: UpdateSchedule, options: CallOptions = {}): Promise<Schedule> =>
      answerOf(
        http.PATCH('/api/v1/schedules/{id}', {
          params: { path: { id }, header: ifMatch(version) },
          body: change,
          ...options,
        }),
      ),
    delete: (id: string, version: number, options: CallOptions = {}): Promise<void> =>
      succeeded(
        http.DELETE('/api/v1/schedules/{id}', { params: { path: { id }, header: ifMatch(version) }, ...options }),
      ),
  };
}
