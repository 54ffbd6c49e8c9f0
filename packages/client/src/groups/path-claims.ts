import { answerOf, type CallOptions, type CreateOptions, type Transport } from '../transport/transport.ts';
import type { CreatePathClaim, ListQuery, Page, PathClaim } from '../types.ts';

/** Who may change which files of a workspace. */
export function pathClaimMethods({ http, creating }: Transport) {
  const ofId = (id: string) => ({ params: { path: { id } } });
  return {
    list: (query: ListQuery = {}, options: CallOptions = {}): Promise<Page<PathClaim>> =>
      answerOf(http.GET('/api/v1/path-claims', { params: { query }, ...options })),
    get: (id: string, options: CallOptions = {}): Promise<PathClaim> =>
      answerOf(http.GET('/api/v1/path-claims/{id}', { ...ofId(id), ...options })),
    /** Answers once it is held; waits, or is refused, as it says. */
    claim: (claim: CreatePathClaim, options?: CreateOptions): Promise<PathClaim> =>
      answerOf(http.POST('/api/v1/path-claims', { body: claim, ...creating(options) })),
    /** For `ttlSeconds` from now on, or for as long as it was made for. */
    renew: (id: string, fencingToken: number, ttlSeconds?: number, options: CallOptions = {}): Promise<PathClaim> =>
      answerOf(
        http.POST('/api/v1/path-claims/{id}/renew', {
          ...ofId(id),
          body: { fencingToken, ...(ttlSeconds === undefined ? {} : { ttlSeconds }) },
          ...options,
        }),
      ),
    /** @param fencingToken of the claim one means; null for one that only waits. */
    release: (id: string, fencingToken: number | null, options: CallOptions = {}): Promise<PathClaim> =>
      answerOf(http.POST('/api/v1/path-claims/{id}/release', { ...ofId(id), body: { fencingToken }, ...options })),
    /** Takes it away over its holder's head; the reason is kept. */
    forceRelease: (id: string, reason: string, options: CallOptions = {}): Promise<PathClaim> =>
      answerOf(http.POST('/api/v1/path-claims/{id}/force-release', { ...ofId(id), body: { reason }, ...options })),
  };
}
