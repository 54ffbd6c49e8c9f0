import { PATH_CLAIM_FIELDS, type PathClaims, parseListQuery } from '@signalbox/core';
import * as contract from '../contract/path-claims.ts';
import type { Serve } from '../http/serve.ts';

export function pathClaimRoutes(serve: Serve, claims: PathClaims): void {
  serve(contract.listPathClaims, ({ query }, { projectId }) =>
    claims.list(projectId, parseListQuery(PATH_CLAIM_FIELDS, query)),
  );
  serve(contract.createPathClaim, async ({ body }, { projectId, actor, request }) => {
    // Whoever hangs up does not wait any more.
    const gone = new AbortController();
    const hangUp = () => gone.abort();
    request.raw.socket.once('close', hangUp);
    try {
      return await claims.claim(projectId, body, actor, { signal: gone.signal });
    } finally {
      request.raw.socket.off('close', hangUp);
    }
  });
  serve(contract.getPathClaim, ({ params }, { projectId }) => claims.get(projectId, params.id));
  serve(contract.renewPathClaim, ({ params, body }, { projectId }) => claims.renew(projectId, params.id, body));
  serve(contract.releasePathClaim, ({ params, body }, { projectId }) => claims.release(projectId, params.id, body));
  serve(contract.forceReleasePathClaim, ({ params, body }, { projectId, actor }) =>
    claims.forceRelease(projectId, params.id, body, actor),
  );
}
