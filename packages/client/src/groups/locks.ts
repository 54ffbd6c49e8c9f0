import { newIdempotencyKey } from '../transport/idempotency-key.ts';
import { answerOf, type CallOptions, type Transport } from '../transport/transport.ts';
import type { AcquireLock, ListQuery, Lock, LockAnswer, LockInfo, LockStats, Page } from '../types.ts';

/** Patience of a request that does not say (ORC-164). */
const DEFAULT_WAIT_MS = 10_000;

/** A fresh key in the form of a UUID, which is how requests are known. */
function newRequestId(): string {
  return newIdempotencyKey().replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** Exclusive and shared rights to named resources. */
export function lockMethods({ http }: Transport) {
  const ofId = (id: string) => ({ params: { path: { id } } });
  const ask = (body: AcquireLock, options: CallOptions): Promise<LockAnswer> =>
    answerOf(http.POST('/api/v1/locks', { body, ...options }));
  const withdraw = async (requestId: string, options: CallOptions = {}): Promise<boolean> =>
    (await answerOf(http.DELETE('/api/v1/locks/requests/{id}', { ...ofId(requestId), ...options }))).released;
  return {
    list: (query: ListQuery = {}, options: CallOptions = {}): Promise<Page<Lock>> =>
      answerOf(http.GET('/api/v1/locks', { params: { query }, ...options })),
    get: (id: string, options: CallOptions = {}): Promise<Lock> =>
      answerOf(http.GET('/api/v1/locks/{id}', { ...ofId(id), ...options })),
    /** Who holds a resource, and who waits for it in which order; 404 where nobody does either. */
    info: (resource: string, options: CallOptions = {}): Promise<LockInfo> =>
      answerOf(http.GET('/api/v1/locks/info', { params: { query: { resource } }, ...options })),
    stats: (options: CallOptions = {}): Promise<LockStats> => answerOf(http.GET('/api/v1/locks/stats', { ...options })),
    /**
     * Acquires a lock; asks again while its patience (`waitMs`) lasts longer than one request. Aborted, it leaves the queue.
     * The caller renews it before `ttlMs` is over and releases it.
     */
    acquire: async (request: AcquireLock, options: CallOptions = {}): Promise<Lock> => {
      const requestId = request.requestId ?? newRequestId();
      const began = performance.now();
      const patience = request.waitMs ?? DEFAULT_WAIT_MS;
      try {
        for (;;) {
          const waitMs = patience === 0 ? 0 : Math.max(1, Math.round(patience - (performance.now() - began)));
          const { lock } = await ask({ ...request, requestId, waitMs }, options);
          if (lock) return lock;
        }
      } catch (error) {
        if (options.signal?.aborted) await withdraw(requestId);
        throw error;
      }
    },
    /** For the time it was acquired for, or once for `ttlMs`. */
    renew: (id: string, token: number, ttlMs?: number, options: CallOptions = {}): Promise<Lock> =>
      answerOf(
        http.POST('/api/v1/locks/{id}/renew', {
          ...ofId(id),
          body: { token, ...(ttlMs === undefined ? {} : { ttlMs }) },
          ...options,
        }),
      ),
    /** False when it was gone already. */
    release: async (id: string, token: number, options: CallOptions = {}): Promise<boolean> =>
      (await answerOf(http.POST('/api/v1/locks/{id}/release', { ...ofId(id), body: { token }, ...options }))).released,
    /** Takes it away over its holder's head; the reason is kept. */
    forceRelease: (id: string, reason: string, options: CallOptions = {}): Promise<Lock> =>
      answerOf(http.POST('/api/v1/locks/{id}/force-release', { ...ofId(id), body: { reason }, ...options })),
    /** Takes a request out of the queue. False when there is none. */
    withdraw,
  };
}
