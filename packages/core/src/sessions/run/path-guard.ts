import {
  type Acquired,
  type ClaimHolder,
  type ClaimMode,
  type ClaimPath,
  type Conflicts,
  describeHolders,
  type PathClaims,
  type PathPolicy,
  realClaimPath,
  realName,
} from '../../locks/index.ts';
import type { Clock } from '../../platform/clock/clock.ts';
import { SignalboxError } from '../../platform/errors/index.ts';
import type { Ids } from '../../platform/ids/ids.ts';
import type { Claim } from '../../tasks/index.ts';
import { writtenPaths } from '../../workspaces/index.ts';
import type { ToolCall, ToolDecision } from '../runtime.ts';
import type { JsonObject, Session } from '../session.ts';
import { persistently } from './persistently.ts';

const ALLOW: ToolDecision = { decision: 'allow' };
/** The window of a run that reports no tool calls. */
const WHOLE_RUN = 'run';

/**
 * Keeps one run and its neighbours out of each other's files. Before a tool call that names what it writes, the paths are
 * claimed, for the call alone or (`auto`) until the session ends; where another session has claimed them, the call waits
 * or is refused, as the policy says. What calls that name nothing have changed is looked at afterwards. Both are told
 * where two got into each other's way.
 */
export class PathGuard {
  readonly #claims: PathClaims;
  readonly #conflicts: Conflicts;
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #session: Session;
  readonly #claim: Claim;
  readonly #workspace: { id: string; path: string };
  readonly #say: (phase: string, detail: JsonObject) => Promise<void>;
  readonly #ended: AbortSignal;
  #policy: PathPolicy | null = null;

  constructor(options: {
    claims: PathClaims;
    conflicts: Conflicts;
    clock: Clock;
    ids: Ids;
    session: Session;
    /** Under which the session runs. */
    claim: Claim;
    workspace: { id: string; path: string };
    /** Records what happens, as a `status` event of this phase. */
    say: (phase: string, detail: JsonObject) => Promise<void>;
    /** Aborted when the run is to end: nothing is waited for any more. */
    ended: AbortSignal;
  }) {
    this.#claims = options.claims;
    this.#conflicts = options.conflicts;
    this.#clock = options.clock;
    this.#ids = options.ids;
    this.#session = options.session;
    this.#claim = options.claim;
    this.#workspace = options.workspace;
    this.#say = options.say;
    this.#ended = options.ended;
  }

  /**
   * Claims what the session named at its creation, before it runs.
   * @throws PATH_CLAIMED, PATH_CLAIM_TIMEOUT, PATH_CLAIM_DEADLOCK as the policy says, PATH_OUTSIDE_WORKSPACE, CLAIM_LOST
   */
  async begin(): Promise<void> {
    const policy = await this.#policyNow();
    for (const mode of ['exclusive', 'shared'] as const) {
      const named = this.#session.paths.filter((path) => path.mode === mode);
      if (named.length === 0) continue;
      const paths = await Promise.all(named.map((path) => realClaimPath(this.#workspace.path, path)));
      const acquired = await this.#acquire(paths, mode, 'session', null);
      if (acquired.status === 'held') continue;
      const detail = detailOf(paths, acquired);
      await this.#say('paths_refused', detail);
      const goesOn = policy.conflict === 'warn' && acquired.why !== 'gone';
      if (!goesOn)
        throw new SignalboxError(ERRORS[acquired.why], { ...detail, who: describeHolders(acquired.holders) });
    }
    if (this.#session.runtime === 'command') await this.#persist(() => this.#opens(WHOLE_RUN));
  }

  /** Decides about a tool call; it waits until this resolves. @throws CLAIM_LOST */
  async before(call: ToolCall): Promise<ToolDecision> {
    const names = writtenPaths(call);
    if (names === null) {
      await this.#persist(() => this.#opens(call.callId));
      return ALLOW;
    }
    const paths = await this.#realNames(names);
    if (paths.length === 0) return ALLOW;
    const { auto, conflict } = await this.#policyNow();
    const literals = paths.map((path): ClaimPath => ({ path, kind: 'literal' }));
    const acquired = await this.#acquire(literals, 'exclusive', auto ? 'write' : 'call', call.callId);
    if (acquired.status === 'blocked' && (conflict !== 'warn' || acquired.why === 'gone')) {
      await this.#say('paths_refused', { callId: call.callId, ...detailOf(literals, acquired) });
      return { decision: 'deny', reason: refusalOf(paths, acquired) };
    }
    await this.#persist(() => this.#conflicts.writes(this.#claim.projectId, this.#writer, paths));
    return ALLOW;
  }

  /** After the call ran, and what it changed was told. */
  async after(call: ToolCall): Promise<void> {
    const { projectId } = this.#claim;
    const names = writtenPaths(call);
    if (names === null) await this.#persist(() => this.#conflicts.closes(projectId, this.#writer, call.callId));
    else if (names.length > 0)
      await this.#persist(() => this.#claims.releaseCall(projectId, this.#session.id, call.callId));
  }

  /** What was found changed around a call, or since the last look. */
  async changed(paths: readonly string[], call: ToolCall | null): Promise<void> {
    const { projectId } = this.#claim;
    if (call === null) {
      if (this.#session.runtime !== 'command') return;
      await this.#persist(() => this.#conflicts.changed(projectId, this.#writer, WHOLE_RUN, paths));
      await this.#persist(() => this.#opens(WHOLE_RUN));
    } else if (writtenPaths(call) === null) {
      await this.#persist(() => this.#conflicts.changed(projectId, this.#writer, call.callId, paths));
    }
  }

  get #writer() {
    return { workspaceId: this.#workspace.id, sessionId: this.#session.id, runToken: this.#claim.token };
  }

  #opens(callId: string): Promise<void> {
    return this.#conflicts.opens(this.#claim.projectId, this.#writer, callId);
  }

  async #policyNow(): Promise<PathPolicy> {
    this.#policy ??= await this.#persist(() => this.#claims.policyOf(this.#claim.projectId, this.#session.id));
    return this.#policy;
  }

  async #acquire(
    paths: readonly ClaimPath[],
    mode: ClaimMode,
    origin: 'session' | 'write' | 'call',
    callId: string | null,
  ): Promise<Acquired> {
    const { conflict, waitSeconds } = await this.#policyNow();
    const { projectId, taskId, agent, token } = this.#claim;
    const request = {
      id: this.#ids.uuid(),
      workspaceId: this.#workspace.id,
      sessionId: this.#session.id,
      taskId,
      agent,
      paths,
      mode,
      origin,
      callId: origin === 'call' ? callId : null,
      ttlSeconds: null,
      conflict,
      waitSeconds,
      runToken: token,
    };
    let waits = false;
    const onWait = async (holders: readonly ClaimHolder[]): Promise<void> => {
      // Several short waits for neighbours' single calls are no news.
      if (waits || holders.every(({ passing }) => passing)) return;
      waits = true;
      await this.#say('paths_waiting', {
        callId,
        paths: paths.map(({ path }) => path),
        holders: holders.map((holder) => ({ ...holder })),
      });
    };
    const acquired = await this.#persist(() =>
      this.#claims.acquire(projectId, request, { signal: this.#ended, onWait }),
    );
    if (waits && acquired.status === 'held') {
      const waitedMs = Math.round(acquired.waitedMs);
      await this.#say('paths_granted', { callId, paths: paths.map(({ path }) => path), waitedMs });
    }
    return acquired;
  }

  /** Names relative to the workspace; what lies outside is for permissions to decide. */
  async #realNames(names: readonly string[]): Promise<string[]> {
    const inside: string[] = [];
    for (const name of names) {
      try {
        inside.push(await realName(this.#workspace.path, name));
      } catch (error) {
        if (!SignalboxError.is(error, 'PATH_OUTSIDE_WORKSPACE')) throw error;
      }
    }
    return [...new Set(inside)];
  }

  #persist<T>(work: () => Promise<T>): Promise<T> {
    return persistently(this.#clock, this.#ended, work);
  }
}

export type Blocked = Extract<Acquired, { status: 'blocked' }>;

const ERRORS = {
  refused: 'PATH_CLAIMED',
  timeout: 'PATH_CLAIM_TIMEOUT',
  deadlock: 'PATH_CLAIM_DEADLOCK',
  gone: 'CLAIM_LOST',
} as const;

function detailOf(paths: readonly ClaimPath[], { why, holders, cycle }: Blocked): JsonObject {
  return { paths: paths.map(({ path }) => path), why, holders: holders.map((holder) => ({ ...holder })), cycle };
}

/** What the agent is told: who has it, since when, and what to do. */
export function refusalOf(paths: readonly string[], { why, holders }: Blocked): string {
  const what = paths.join(', ');
  const who = describeHolders(holders);
  switch (why) {
    case 'refused':
      return `Refused: ${what} is claimed by another session: ${who}. Leave it alone, go on with other work, and try again later.`;
    case 'timeout':
      return `Refused: ${what} did not become free in time: ${who}. Go on with other work, and try again later.`;
    case 'deadlock':
      return `Refused: the sessions that have ${what} wait for you in turn: ${who}. Finish without it, so that they can go on.`;
    case 'gone':
      return `Refused: the wait for ${what} was ended from outside. Ask before you try again.`;
  }
}
