import { recordAudit } from '../../audit/index.ts';
import { appendInTransaction } from '../../journal/index.ts';
import type { Clock } from '../../platform/clock/clock.ts';
import type { Database, Transaction } from '../../platform/database/index.ts';
import { parseInput, SignalboxError } from '../../platform/errors/index.ts';
import type { Ids } from '../../platform/ids/ids.ts';
import type { ListQuery, Page } from '../../platform/query/index.ts';
import type { Workspaces } from '../../workspaces/index.ts';
import { awaitClaim } from './await-claim.ts';
import { type ClaimHolder, describeHolders, holdersOf } from './claim-holders.ts';
import {
  type CreatePathClaim,
  createPathClaimSchema,
  DEFAULT_CLAIM_SECONDS,
  type ForceRelease,
  forceReleaseSchema,
  LONGEST_WAIT_SECONDS,
  type PathClaim,
  type ReleasePathClaim,
  type RenewPathClaim,
  releasePathClaimSchema,
  renewPathClaimSchema,
} from './path-claim.ts';
import { pagePathClaims } from './path-claim-list-store.ts';
import {
  type ClaimingSession,
  claimingSession,
  claimOfCall,
  deleteClaims,
  getPathClaim,
  holdDomain,
  overdueWorkspaces,
  renewClaim,
} from './path-claim-store.ts';
import { type PathPolicy, policyFor } from './path-policy.ts';
import { type PathClaimRequest, requestClaim } from './request-claim.ts';
import { settleClaims, tellClaims } from './settle-claims.ts';
import { realClaimPath } from './workspace-names.ts';

export interface PathClaimsParts {
  database: Database;
  clock: Clock;
  ids: Ids;
  workspaces: Pick<Workspaces, 'get'>;
  /** What holds where neither session nor project says otherwise. */
  policy: PathPolicy;
}

/** What became of a request, after waiting where it had to be waited. */
export type Acquired =
  | { status: 'held'; claim: PathClaim | null; waitedMs: number }
  | { status: 'blocked'; why: 'refused' | 'timeout' | 'deadlock' | 'gone'; holders: ClaimHolder[]; cycle: string[] };

/** How a wait is followed by whoever asked. */
export interface AcquireOptions {
  signal?: AbortSignal;
  /** Told once, when it has to be waited. */
  onWait?: (holders: readonly ClaimHolder[]) => Promise<void>;
}

/** The room's verbs: who may change which files of a workspace. */
export class PathClaims {
  readonly #parts: PathClaimsParts;

  constructor(parts: PathClaimsParts) {
    this.#parts = parts;
  }

  /** How conflicts of a session are met, as it, its project and the server say. @throws SESSION_NOT_FOUND */
  async policyOf(projectId: string, sessionId: string): Promise<PathPolicy> {
    return this.#policyOf(await this.#session(projectId, sessionId));
  }

  /**
   * Claims paths for a session, waiting for them where that is asked for.
   * @throws PATH_CLAIMED where it is refused, PATH_CLAIM_TIMEOUT, PATH_CLAIM_DEADLOCK, PATH_CLAIM_IMPOSSIBLE,
   *   SESSION_NOT_FOUND, PATH_OUTSIDE_WORKSPACE, VALIDATION_FAILED, UNKNOWN_FIELD
   */
  async claim(
    projectId: string,
    input: CreatePathClaim,
    actor: string,
    options: AcquireOptions = {},
  ): Promise<PathClaim> {
    const { ids, workspaces } = this.#parts;
    const { sessionId, paths, mode, ttlSeconds, ...given } = parseInput(createPathClaimSchema, input);
    const session = await this.#session(projectId, sessionId);
    if (session.workspaceId === null) {
      throw new SignalboxError('PATH_CLAIM_IMPOSSIBLE', { id: sessionId, reason: 'it has no workspace' });
    }
    const workspace = await workspaces.get(projectId, session.workspaceId);
    const real = await Promise.all(paths.map((path) => realClaimPath(workspace.path, path)));
    const bound = session.runtime !== null && session.runToken !== null;
    const policy = this.#policyOf(session);
    const conflict = given.conflict ?? (policy.conflict === 'wait' ? 'wait' : 'refuse');
    const acquired = await this.acquire(
      projectId,
      {
        id: ids.uuid(),
        workspaceId: workspace.id,
        sessionId,
        taskId: null,
        agent: actor,
        paths: real,
        mode,
        origin: 'verb',
        callId: null,
        ttlSeconds: ttlSeconds ?? (bound ? null : DEFAULT_CLAIM_SECONDS),
        conflict,
        waitSeconds: given.waitSeconds ?? Math.min(policy.waitSeconds, LONGEST_WAIT_SECONDS),
        runToken: null,
      },
      options,
    );
    if (acquired.status === 'held' && acquired.claim) return acquired.claim;
    throw refusal(
      acquired,
      real.map(({ path }) => path),
    );
  }

  /**
   * The form for those who run sessions: paths are real already, and being turned away is an answer.
   * @throws as {@link requestClaim}
   */
  async acquire(projectId: string, request: PathClaimRequest, options: AcquireOptions = {}): Promise<Acquired> {
    const { database, clock } = this.#parts;
    const asked = clock.monotonic();
    const verdict = await database.transaction((tx) => requestClaim(tx, projectId, request), { retries: 3 });
    if (verdict.status === 'held') return { ...verdict, waitedMs: 0 };
    const holders = await holdersOf(database, projectId, verdict.blockers);
    const blocked = { status: 'blocked' as const, holders, cycle: [] };
    if (verdict.status === 'blocked') return { ...blocked, why: 'refused' };
    if (verdict.status === 'victim') {
      await database.transaction(async (tx) => {
        await deleteClaims(tx, projectId, [request.id]);
        if (request.origin !== 'call') await tellClaims(tx, projectId, request.workspaceId);
      });
      return { ...blocked, why: 'deadlock', cycle: verdict.cycle };
    }
    await options.onWait?.(holders);
    const waitMs = verdict.claim.waitUntil
      ? Date.parse(verdict.claim.waitUntil) - Date.parse(verdict.claim.requestedAt)
      : request.waitSeconds * 1000;
    const { end, ...more } = await awaitClaim(this.#parts, projectId, verdict.claim, waitMs, options.signal);
    if ('claim' in more) return { status: 'held', claim: more.claim, waitedMs: clock.monotonic() - asked };
    if ('cycle' in more) return { ...blocked, why: 'deadlock', cycle: more.cycle };
    return { ...blocked, why: end === 'gone' ? 'gone' : 'timeout' };
  }

  /**
   * Makes a held claim last: from now on for `ttlSeconds`, or as long as it was made for.
   * @throws CLAIM_LOST where it is not held under this token any more
   */
  async renew(projectId: string, id: string, input: RenewPathClaim): Promise<PathClaim> {
    const { fencingToken, ttlSeconds } = parseInput(renewPathClaimSchema, input);
    const renewed = await this.#parts.database.transaction((tx) =>
      renewClaim(tx, projectId, id, fencingToken, ttlSeconds ?? null),
    );
    if (!renewed) throw new SignalboxError('CLAIM_LOST', { id });
    return renewed;
  }

  /**
   * Lets go of a claim, or leaves the queue.
   * @throws PATH_CLAIM_NOT_FOUND, CLAIM_LOST where it is held under another token
   */
  async release(projectId: string, id: string, input: ReleasePathClaim): Promise<PathClaim> {
    const { fencingToken } = parseInput(releasePathClaimSchema, input);
    return this.#remove(projectId, id, (claim) => {
      if (claim.fencingToken !== fencingToken) throw new SignalboxError('CLAIM_LOST', { id });
    });
  }

  /** Lets go of what was claimed for the duration of one tool call; nothing where that was nothing. */
  async releaseCall(projectId: string, sessionId: string, callId: string): Promise<void> {
    const claim = await claimOfCall(this.#parts.database, projectId, sessionId, callId);
    if (!claim) return;
    await this.#parts.database.transaction(
      async (tx) => {
        await holdDomain(tx, projectId, claim.workspaceId);
        await deleteClaims(tx, projectId, [claim.id]);
        await settleClaims(tx, projectId, claim.workspaceId);
      },
      { retries: 3 },
    );
  }

  /**
   * Takes a claim away over its holder's head; the audit and the holder's journal keep who did so and why.
   * @throws PATH_CLAIM_NOT_FOUND, VALIDATION_FAILED, UNKNOWN_FIELD
   */
  async forceRelease(projectId: string, id: string, input: ForceRelease, actor: string): Promise<PathClaim> {
    const { reason } = parseInput(forceReleaseSchema, input);
    const { clock, ids } = this.#parts;
    const known = await this.get(projectId, id);
    return this.#remove(
      projectId,
      id,
      () => undefined,
      // The journal before the domain: that is the order in which the end of a session takes them.
      async (tx) => {
        const paths = known.paths.map(({ path }) => path);
        const detail = { claimId: id, paths, reason };
        const event = { type: 'status' as const, actor, payload: { phase: 'path_claim_released', detail } };
        await appendInTransaction(tx, projectId, known.sessionId, [event], { at: clock.now(), ids, resetTTL: false });
        await recordAudit(
          tx,
          projectId,
          {
            actor,
            action: 'path_claim.force_release',
            subjectType: 'path_claim',
            subjectId: id,
            details: { reason, sessionId: known.sessionId, workspaceId: known.workspaceId, agent: known.agent, paths },
          },
          ids,
        );
      },
    );
  }

  /** @throws PATH_CLAIM_NOT_FOUND */
  async get(projectId: string, id: string): Promise<PathClaim> {
    const claim = await getPathClaim(this.#parts.database, projectId, id);
    if (!claim) throw new SignalboxError('PATH_CLAIM_NOT_FOUND', { id });
    return claim;
  }

  /** A page of what is held and waited for, by any filter; see `PATH_CLAIM_FIELDS`. */
  list(projectId: string, query: ListQuery = {}): Promise<Page<PathClaim>> {
    return pagePathClaims(this.#parts.database, projectId, query);
  }

  /** Takes away what has run out, in all projects, and serves those who waited for it. Answers how many workspaces that was. */
  async expireDue(): Promise<number> {
    const { database } = this.#parts;
    const due = await overdueWorkspaces(database);
    for (const { projectId, workspaceId } of due) {
      await database.transaction(
        async (tx) => {
          if (await holdDomain(tx, projectId, workspaceId)) await settleClaims(tx, projectId, workspaceId);
        },
        { retries: 3 },
      );
    }
    return due.length;
  }

  async #session(projectId: string, id: string): Promise<ClaimingSession> {
    const session = await claimingSession(this.#parts.database, projectId, id);
    if (!session) throw new SignalboxError('SESSION_NOT_FOUND', { id });
    return session;
  }

  #policyOf({ projectSettings, pathPolicy }: ClaimingSession): PathPolicy {
    return policyFor(this.#parts.policy, projectSettings, pathPolicy);
  }

  async #remove(
    projectId: string,
    id: string,
    check: (claim: PathClaim) => void,
    first: (tx: Transaction) => Promise<void> = async () => undefined,
  ): Promise<PathClaim> {
    const { workspaceId } = await this.get(projectId, id);
    return this.#parts.database.transaction(
      async (tx) => {
        await first(tx);
        await holdDomain(tx, projectId, workspaceId);
        const claim = await getPathClaim(tx, projectId, id);
        if (!claim) throw new SignalboxError('PATH_CLAIM_NOT_FOUND', { id });
        check(claim);
        await deleteClaims(tx, projectId, [id]);
        await settleClaims(tx, projectId, workspaceId);
        await tellClaims(tx, projectId, workspaceId);
        return claim;
      },
      { retries: 3 },
    );
  }
}

function refusal(acquired: Acquired, paths: string[]): SignalboxError {
  if (acquired.status === 'held') return new SignalboxError('PATH_CLAIM_NOT_FOUND', { id: acquired.claim?.id });
  const { why, holders, cycle } = acquired;
  const details = { paths, holders, who: describeHolders(holders) };
  if (why === 'deadlock') return new SignalboxError('PATH_CLAIM_DEADLOCK', { ...details, cycle });
  if (why === 'gone') return new SignalboxError('CLAIM_LOST', { id: paths.join(', ') });
  return new SignalboxError(why === 'timeout' ? 'PATH_CLAIM_TIMEOUT' : 'PATH_CLAIMED', details);
}
