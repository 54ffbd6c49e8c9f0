import type { Clock } from '../../platform/clock/clock.ts';
import type { Database, Transaction } from '../../platform/database/index.ts';
import { onClaims } from './claim-signal.ts';
import type { PathClaim } from './path-claim.ts';
import { deleteClaims, getPathClaim, holdDomain } from './path-claim-store.ts';
import { settleClaims, tellClaims } from './settle-claims.ts';

/** How often a waiter looks by itself, in milliseconds: grants of this process it hears of at once. */
const LOOK_MS = 500;

/** How a wait ended. `gone`: the claim was taken away meanwhile, with its session or by an operator. */
export type WaitEnd =
  | { end: 'held'; claim: PathClaim }
  | { end: 'victim'; cycle: string[] }
  | { end: 'timeout' }
  | { end: 'gone' };

/**
 * Waits until a waiting claim is granted or given up, for `waitMs` at most or until `signal` aborts; then its place in the
 * queue is left. Whatever ends the wait is decided under the domain's row, so a grant is never lost.
 */
export async function awaitClaim(
  { database, clock }: { database: Database; clock: Clock },
  projectId: string,
  claim: PathClaim,
  waitMs: number,
  signal?: AbortSignal,
): Promise<WaitEnd> {
  const deadline = clock.monotonic() + waitMs;
  let awake = Promise.withResolvers<void>();
  const unsubscribe = onClaims(() => awake.resolve());
  const abort = () => awake.resolve();
  signal?.addEventListener('abort', abort);
  try {
    for (;;) {
      awake = Promise.withResolvers<void>();
      const over = signal?.aborted === true || clock.monotonic() >= deadline;
      const found = over ? null : endOf(await getPathClaim(database, projectId, claim.id));
      if (found?.end === 'held' || found?.end === 'gone') return found;
      if (over || found)
        return await database.transaction((tx) => leave(tx, projectId, claim, signal?.aborted === true));
      const timer = new AbortController();
      const pause = Math.min(LOOK_MS, Math.max(0, deadline - clock.monotonic()));
      const heard = await Promise.race([
        awake.promise.then(() => true),
        clock.sleep(pause, timer.signal).then(() => false),
      ]);
      timer.abort();
      if (!heard) await database.transaction((tx) => look(tx, projectId, claim.workspaceId));
    }
  } finally {
    unsubscribe();
    signal?.removeEventListener('abort', abort);
  }
}

/** Serves the queue, should whoever made room for us have died before doing so. */
async function look(tx: Transaction, projectId: string, workspaceId: string): Promise<void> {
  if (await holdDomain(tx, projectId, workspaceId)) await settleClaims(tx, projectId, workspaceId);
}

/** Takes the claim out of the queue, unless it was granted meanwhile and somebody is there to use it. */
async function leave(
  tx: Transaction,
  projectId: string,
  { id, workspaceId, origin }: PathClaim,
  aborted: boolean,
): Promise<WaitEnd> {
  await holdDomain(tx, projectId, workspaceId);
  const found = endOf(await getPathClaim(tx, projectId, id));
  if (found?.end === 'gone' || (found?.end === 'held' && !aborted)) return found;
  await deleteClaims(tx, projectId, [id]);
  await settleClaims(tx, projectId, workspaceId);
  if (origin !== 'call') await tellClaims(tx, projectId, workspaceId);
  return found?.end === 'victim' ? found : { end: 'timeout' };
}

/** Null as long as it waits. */
function endOf(claim: PathClaim | null): Exclude<WaitEnd, { end: 'timeout' }> | null {
  if (!claim) return { end: 'gone' };
  if (claim.status === 'held') return { end: 'held', claim };
  return claim.status === 'victim' ? { end: 'victim', cycle: claim.cycle ?? [] } : null;
}
