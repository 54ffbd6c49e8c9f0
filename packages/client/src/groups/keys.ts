import {
  answerOf,
  type CallOptions,
  type CreateOptions,
  ifMatch,
  succeeded,
  type Transport,
} from '../transport/transport.ts';
import type { ApiKey, CreateApiKey, CreatedApiKey, ListQuery, Page, RotateApiKey } from '../types.ts';

/** API keys of the project. The secret is in the answer to `create` and nowhere else. */
export function keyMethods({ http, creating }: Transport) {
  return {
    list: (query: ListQuery = {}, options: CallOptions = {}): Promise<Page<ApiKey>> =>
      answerOf(http.GET('/api/v1/keys', { params: { query }, ...options })),
    create: (key: CreateApiKey, options?: CreateOptions): Promise<CreatedApiKey> =>
      answerOf(http.POST('/api/v1/keys', { body: key, ...creating(options) })),
    /** Another secret; the one before works on for `graceSeconds`. */
    rotate: (
      id: string,
      version: number,
      wanted: RotateApiKey = {},
      options: CallOptions = {},
    ): Promise<CreatedApiKey> =>
      answerOf(
        http.POST('/api/v1/keys/{id}/rotate', {
          params: { path: { id }, header: ifMatch(version) },
          body: wanted,
          ...options,
        }),
      ),
    revoke: (id: string, version: number, options: CallOptions = {}): Promise<void> =>
      succeeded(http.DELETE('/api/v1/keys/{id}', { params: { path: { id }, header: ifMatch(version) }, ...options })),
  };
}
