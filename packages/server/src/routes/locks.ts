import { LOCK_FIELDS, type Locks, parseListQuery, SignalboxError } from '@signalbox/core';
import * as contract from '../contract/locks.ts';
import { hangUpOf } from '../http/hang-up.ts';
import type { Serve } from '../http/serve.ts';

/** How long one request waits here; whoever has more patience asks again. */
const LONGEST_WAIT_MS = 30_000;

export function lockRoutes(serve: Serve, locks: Locks): void {
  serve(contract.listLocks, ({ query }, { projectId }) => locks.list(projectId, parseListQuery(LOCK_FIELDS, query)));
  serve(contract.acquireLock, async ({ body }, { projectId, request }) => {
    const { signal, forget } = hangUpOf(request);
    try {
      const answer = await locks.request(projectId, body, { forMs: LONGEST_WAIT_MS, signal });
      return answer.status === 'granted'
        ? { status: answer.status, requestId: answer.lock.id, lock: answer.lock, position: null }
        : { ...answer, lock: null };
    } finally {
      forget();
    }
  });
  serve(contract.getLockStats, (_, { projectId }) => locks.stats(projectId));
  serve(contract.getLockInfo, async ({ query: { resource } }, { projectId }) => {
    const info = await locks.info(projectId, resource);
    if (!info) throw new SignalboxError('LOCK_NOT_FOUND', { id: resource });
    return info;
  });
  serve(contract.getLock, ({ params }, { projectId }) => locks.get(projectId, params.id));
  serve(contract.renewLock, ({ params, body }, { projectId }) =>
    locks.renew(projectId, params.id, body.token, body.ttlMs ?? null),
  );
  serve(contract.releaseLock, async ({ params, body }, { projectId }) => ({
    released: await locks.release(projectId, params.id, body.token),
  }));
  serve(contract.forceReleaseLock, ({ params, body }, { projectId, actor }) =>
    locks.forceRelease(projectId, params.id, { actor, reason: body.reason }),
  );
  serve(contract.withdrawLockRequest, async ({ params }, { projectId }) => ({
    released: await locks.withdraw(projectId, params.id),
  }));
}
