import type { Transaction } from '../../platform/database/index.ts';
import { SignalboxError } from '../../platform/errors/index.ts';
import type { ClaimMode, ClaimPath } from './claim-path.ts';
import { blockersOf, isCovered } from './claim-queue.ts';
import type { PathClaim } from './path-claim.ts';
import { type ClaimingSession, claimingSession, holdDomain, insertWaiting } from './path-claim-store.ts';
import type { PathConflict } from './path-policy.ts';
import { grantClaim, settleClaims, tellClaims } from './settle-claims.ts';

/** What somebody wants; paths are relative to the workspace and tidy. */
export interface PathClaimRequest {
  /** Chosen by the caller: a request that is repeated does not come in twice. */
  id: string;
  workspaceId: string;
  sessionId: string;
  taskId: string | null;
  agent: string;
  paths: readonly ClaimPath[];
  mode: ClaimMode;
  origin: PathClaim['origin'];
  callId: string | null;
  /** Null: as the session's run. */
  ttlSeconds: number | null;
  conflict: PathConflict;
  /** Longest wait, in seconds. */
  waitSeconds: number;
  /** Fencing token of the run that asks; null for callers that drive the session themselves. */
  runToken: number | null;
}

/** What became of it. A claim that its session's own claims cover is `held` without a row of its own, where one call asks. */
export type ClaimVerdict =
  | { status: 'held'; claim: PathClaim | null }
  | { status: 'waiting'; claim: PathClaim; blockers: PathClaim[] }
  | { status: 'blocked'; blockers: PathClaim[] }
  | { status: 'victim'; cycle: string[]; blockers: PathClaim[] };

/** Sessions in these statuses may claim; others have nothing under way that a claim could be for. */
const LIVE = new Set(['pending', 'queued', 'running', 'paused', 'degraded']);
/** Claims of single tool calls end by themselves, and soon: they are waited for this long, in seconds, whatever the policy says. */
const CALL_WAIT_SECONDS = 30;

/**
 * Decides a request under the workspace's domain row: granted where nobody is in the way, else put into the queue or
 * turned away, as it says. A wait that closes a circle ends one claim of it.
 * @throws WORKSPACE_NOT_FOUND, SESSION_NOT_FOUND, PATH_CLAIM_IMPOSSIBLE, CLAIM_LOST where the run is not the session's any more
 */
export async function requestClaim(
  tx: Transaction,
  projectId: string,
  request: PathClaimRequest,
): Promise<ClaimVerdict> {
  const { workspaceId, sessionId, origin } = request;
  if (!(await holdDomain(tx, projectId, workspaceId)))
    throw new SignalboxError('WORKSPACE_NOT_FOUND', { id: workspaceId });
  const session = checkSession(request, await claimingSession(tx, projectId, sessionId));
  const others = await settleClaims(tx, projectId, workspaceId);
  const known = others.find(({ id }) => id === request.id);
  if (known?.status === 'held') return { status: 'held', claim: known };
  if (known?.status === 'waiting') return { status: 'waiting', claim: known, blockers: blockersOf(known, others) };
  const draft = {
    ...request,
    paths: [...request.paths],
    status: 'waiting' as const,
    priority: session.priority,
    arrival: Number.POSITIVE_INFINITY,
  };
  const passing = origin === 'call' || origin === 'write';
  if (passing && isCovered(draft, others)) return { status: 'held', claim: null };
  const blockers = blockersOf(draft, others);
  // With a queue it takes its place in it, if only for a moment: a grant, too, may close a circle.
  const queue = others.some(({ status }) => status === 'waiting');
  if (blockers.length === 0 && !queue) {
    return { status: 'held', claim: await grantClaim(tx, projectId, await insertWaiting(tx, projectId, draft)) };
  }
  const soon = blockers.every((blocker) => blocker.status === 'held' && blocker.origin === 'call');
  const waitSeconds = soon ? Math.max(request.waitSeconds, CALL_WAIT_SECONDS) : request.waitSeconds;
  if (waitSeconds === 0 || (request.conflict !== 'wait' && !soon)) return { status: 'blocked', blockers };
  const claim = await insertWaiting(tx, projectId, { ...draft, waitSeconds });
  const now = (await settleClaims(tx, projectId, workspaceId)).find(({ id }) => id === claim.id) ?? claim;
  if (now.status === 'held') return { status: 'held', claim: now };
  if (origin !== 'call') await tellClaims(tx, projectId, workspaceId);
  return now.status === 'victim'
    ? { status: 'victim', cycle: now.cycle ?? [], blockers }
    : { status: 'waiting', claim, blockers };
}

function checkSession(request: PathClaimRequest, session: ClaimingSession | null): ClaimingSession {
  const { sessionId: id, workspaceId, runToken } = request;
  if (!session) throw new SignalboxError('SESSION_NOT_FOUND', { id });
  const impossible = (reason: string) => new SignalboxError('PATH_CLAIM_IMPOSSIBLE', { id, reason });
  if (runToken !== null && runToken !== session.runToken) throw new SignalboxError('CLAIM_LOST', { id });
  if (!LIVE.has(session.status)) throw impossible(`it is ${session.status}`);
  if (session.workspaceId !== workspaceId) throw impossible('it works in another workspace');
  return session;
}
