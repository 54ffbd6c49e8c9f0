import type { Transaction } from '../../platform/database/index.ts';
import { recordFeed } from '../../platform/feed/index.ts';
import { advance } from './claim-queue.ts';
import { signalClaims } from './claim-signal.ts';
import type { PathClaim } from './path-claim.ts';
import {
  claimsOfWorkspace,
  deleteOfSessions,
  deleteOver,
  grantClaims,
  handOverClaims,
  holdDomainsOf,
  markVictim,
} from './path-claim-store.ts';

/**
 * Brings a workspace's queue up to date, under its domain's row: what has run out goes, whoever can be served is, and
 * deadlocks are ended.
 * Answers all claims as they stand then. Called wherever a claim comes or goes, in the same transaction.
 */
export async function settleClaims(tx: Transaction, projectId: string, workspaceId: string): Promise<PathClaim[]> {
  const removed = await deleteOver(tx, projectId, workspaceId);
  const all = await claimsOfWorkspace(tx, projectId, workspaceId);
  const due = advance(all);
  const ready = due.granted.map(({ id }) => id);
  const granted = ready.length > 0 ? await grantClaims(tx, projectId, ready) : [];
  for (const { victim, cycle } of due.deadlocks) await markVictim(tx, projectId, victim.id, cycle);
  const changed = [...granted, ...due.deadlocks.map(({ victim }) => victim)];
  if (removed || changed.some(({ origin }) => origin !== 'call')) await tellClaims(tx, projectId, workspaceId);
  if (granted.length + due.deadlocks.length > 0) tx.afterCommit(signalClaims);
  const victims = due.deadlocks.map(({ victim, cycle }): PathClaim => ({ ...victim, status: 'victim', cycle }));
  const now = new Map([...granted, ...victims].map((claim) => [claim.id, claim]));
  return all.map((claim) => now.get(claim.id) ?? claim);
}

/** Grants a claim that nobody stands in the way of. */
export async function grantClaim(tx: Transaction, projectId: string, claim: PathClaim): Promise<PathClaim> {
  const [granted = claim] = await grantClaims(tx, projectId, [claim.id]);
  if (claim.origin !== 'call') await tellClaims(tx, projectId, claim.workspaceId);
  return granted;
}

/** Tells the feed that a workspace's claims are not what they were. Those of single tool calls are not told of. */
export async function tellClaims(tx: Transaction, projectId: string, workspaceId: string): Promise<void> {
  await recordFeed(tx, projectId, 'path', { workspaceId });
}

/**
 * Lets go of all that sessions have claimed or wait for, in the transaction that ends their run, and serves those who
 * waited for it. What they touched is forgotten: nobody can get into their way any more.
 */
export async function releasePathClaims(
  tx: Transaction,
  projectId: string,
  sessionIds: readonly string[],
): Promise<void> {
  if (sessionIds.length === 0) return;
  // Also where they hold nothing: a claim that is just being made is waited for, and goes with the others.
  const domains = await holdDomainsOf(tx, projectId, sessionIds);
  if (domains.length === 0) return;
  for (const workspaceId of await deleteOfSessions(tx, projectId, sessionIds)) {
    await settleClaims(tx, projectId, workspaceId);
    await tellClaims(tx, projectId, workspaceId);
    // Those whose wait has ended without a grant look too.
    tx.afterCommit(signalClaims);
  }
}

/**
 * Makes what a session has claimed another agent's, in the transaction that hands the session over. Tokens of the old agent
 * are worth nothing from then on. Answers how many claims went over.
 */
export async function handOverPathClaims(
  tx: Transaction,
  projectId: string,
  sessionId: string,
  agent: string,
): Promise<number> {
  const domains = await holdDomainsOf(tx, projectId, [sessionId]);
  if (domains.length === 0) return 0;
  const count = await handOverClaims(tx, projectId, sessionId, agent);
  for (const workspaceId of domains) {
    await settleClaims(tx, projectId, workspaceId);
    if (count > 0) await tellClaims(tx, projectId, workspaceId);
  }
  return count;
}
