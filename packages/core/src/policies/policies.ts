import { recordAudit } from '../audit/index.ts';
import type { Clock } from '../platform/clock/clock.ts';
import type { Database, Transaction } from '../platform/database/index.ts';
import { parseInput, SignalboxError } from '../platform/errors/index.ts';
import { recordFeed } from '../platform/feed/index.ts';
import type { Ids } from '../platform/ids/ids.ts';
import { decideCall } from './decide-call.ts';
import type { AskedCall, CallFacts, DecidingPolicy, PolicyDecision } from './decision.ts';
import { dryRun, NO_WORKSPACE } from './dry-run.ts';
import type { PolicyDocument, Reach, Unreachable } from './policy.ts';
import {
  getPolicy,
  insertPolicy,
  isSessionThere,
  keepVersion,
  listPolicies,
  listVersions,
  lockPolicy,
  policiesInForce,
  removePolicy,
  writePolicy,
} from './policy-store.ts';
import { recordedCalls, workspacePath } from './recorded-call-store.ts';
import {
  type CreatePolicy,
  createPolicySchema,
  type Policy,
  type PolicyVersion,
  type UpdatePolicy,
  updatePolicySchema,
} from './stored-policy.ts';
import { type DryRun, type DryRunResult, dryRunSchema, type ExplainCall, explainCallSchema } from './trial.ts';

/** How a document that is tried out names itself in decisions. */
const TRIED = { id: 'document', version: 0 };
/** Where no rule asks for the cost, or a call is made up without one. */
const NOTHING_SPENT = { tokens: 0, costUsd: 0, seconds: 0, toolCalls: 0 };
const WEEK_MS = 7 * 24 * 3600 * 1000;

/** How far a call reaches that is about to be made. */
export type ReachPort = (call: Omit<AskedCall, 'spent'>) => Promise<NonNullable<CallFacts['reach']>>;

/** Policies of projects and sessions, and what they decide of tool calls. */
export class Policies {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #reach: ReachPort | null;

  /** @param parts `reach`: how far calls reach; without it nobody knows */
  constructor(parts: { database: Database; clock: Clock; ids: Ids; reach?: ReachPort }) {
    this.#database = parts.database;
    this.#reach = parts.reach ?? null;
    this.#clock = parts.clock;
    this.#ids = parts.ids;
  }

  /** What the policies say of a call; a project without any allows everything. Changes nothing. */
  async decide({ spent, ...call }: AskedCall): Promise<PolicyDecision> {
    const policies = await policiesInForce(this.#database, call.projectId, call.sessionId);
    const reach = await this.#reachOf(policies, call);
    return decideCall(policies, { ...call, reach, spent: asksFor(policies, 'spent') ? await spent() : NOTHING_SPENT });
  }

  /** What calls come to while nobody can be asked: they are refused where one policy in force wants that. */
  async whenUnreachable(projectId: string, sessionId: string | null): Promise<Unreachable> {
    const policies = await policiesInForce(this.#database, projectId, sessionId);
    return policies.some(({ document }) => document.unreachable === 'deny') ? 'deny' : 'allow';
  }

  /** @throws VALIDATION_FAILED, UNKNOWN_FIELD, POLICY_EXISTS, SESSION_NOT_FOUND */
  async create(projectId: string, input: CreatePolicy, actor: string): Promise<Policy> {
    const wanted = parseInput(createPolicySchema, input);
    return this.#database.transaction(async (tx) => {
      if (wanted.sessionId !== null && !(await isSessionThere(tx, projectId, wanted.sessionId))) {
        throw new SignalboxError('SESSION_NOT_FOUND', { id: wanted.sessionId });
      }
      const made = await insertPolicy(tx, projectId, { ...wanted, id: this.#ids.uuid(), createdBy: actor });
      if (!made) throw new SignalboxError('POLICY_EXISTS', { name: wanted.document.name });
      await keepVersion(tx, projectId, made, actor);
      await record(tx, 'create', null, made, actor);
      return made;
    });
  }

  /** @param reference id or name. @throws POLICY_NOT_FOUND */
  async get(projectId: string, reference: string): Promise<Policy> {
    return found(reference, await getPolicy(this.#database, projectId, reference));
  }

  /** In the order in which they are asked. */
  list(projectId: string, page: number, pageSize: number): Promise<{ items: Policy[]; total: number }> {
    return listPolicies(this.#database, projectId, pageSize, (page - 1) * pageSize);
  }

  /** The newest first. @param reference id or name; of a policy that is gone its id. @throws POLICY_NOT_FOUND */
  async versions(
    projectId: string,
    reference: string,
    page: number,
    pageSize: number,
  ): Promise<{ items: PolicyVersion[]; total: number }> {
    const id = (await getPolicy(this.#database, projectId, reference))?.id ?? reference;
    const kept = await listVersions(this.#database, projectId, id, pageSize, (page - 1) * pageSize);
    if (kept.total === 0) throw new SignalboxError('POLICY_NOT_FOUND', { policy: reference });
    return kept;
  }

  /** @throws VALIDATION_FAILED, UNKNOWN_FIELD, POLICY_NOT_FOUND, POLICY_EXISTS, OPTIMISTIC_LOCK */
  async update(
    projectId: string,
    reference: string,
    version: number,
    input: UpdatePolicy,
    actor: string,
  ): Promise<Policy> {
    const changes = parseInput(updatePolicySchema, input) as Partial<Policy>;
    return this.#database.transaction(async (tx) => {
      const before = await this.#lockAt(tx, projectId, reference, version);
      const after = await writePolicy(tx, projectId, { ...before, ...changes });
      if (!after) throw new SignalboxError('POLICY_EXISTS', { name: changes.document?.name ?? before.name });
      await keepVersion(tx, projectId, after, actor);
      await record(tx, 'update', before, after, actor);
      return after;
    });
  }

  /** Its versions stay. @throws POLICY_NOT_FOUND, OPTIMISTIC_LOCK */
  async remove(projectId: string, reference: string, version: number, actor: string): Promise<void> {
    await this.#database.transaction(async (tx) => {
      const policy = await this.#lockAt(tx, projectId, reference, version);
      await removePolicy(tx, projectId, policy.id);
      await record(tx, 'delete', policy, null, actor);
    });
  }

  /** What would be decided of a call that nobody made. @throws VALIDATION_FAILED, UNKNOWN_FIELD, WORKSPACE_NOT_FOUND */
  async explain(projectId: string, input: ExplainCall): Promise<PolicyDecision> {
    const { document, sessionId, workspaceId, at, spent, ...call } = parseInput(explainCallSchema, input);
    const path = workspaceId === null ? NO_WORKSPACE : await workspacePath(this.#database, projectId, workspaceId);
    if (path === null) throw new SignalboxError('WORKSPACE_NOT_FOUND', { id: workspaceId });
    const policies = document ? tried(document) : await policiesInForce(this.#database, projectId, sessionId);
    const facts: CallFacts = {
      ...call,
      projectId,
      sessionId: sessionId ?? '',
      workspacePath: path,
      at: at === undefined ? this.#clock.now() : new Date(at),
      spent: { ...NOTHING_SPENT, ...spent },
    };
    // Of a call in no session nobody can tell.
    const reach = sessionId === null ? (facts.reach ?? null) : await this.#reachOf(policies, facts);
    return decideCall(policies, { ...facts, reach });
  }

  /** What would have been decided of calls that were made. @throws VALIDATION_FAILED, UNKNOWN_FIELD */
  async dryRun(projectId: string, input: DryRun): Promise<DryRunResult> {
    const { document, sessionId = null, since, limit } = parseInput(dryRunSchema, input);
    const from = since === undefined ? new Date(this.#clock.now().getTime() - WEEK_MS) : new Date(since);
    const recorded = await recordedCalls(this.#database, projectId, { since: from, sessionId, limit });
    const bySession = new Map<string, Promise<readonly DecidingPolicy[]>>();
    return dryRun(projectId, recorded, (session) => {
      if (document) return Promise.resolve(tried(document));
      const inForce = bySession.get(session) ?? policiesInForce(this.#database, projectId, session);
      bySession.set(session, inForce);
      return inForce;
    });
  }

  /** As it is said, or else measured where a rule asks for it. */
  async #reachOf(policies: readonly DecidingPolicy[], call: Omit<AskedCall, 'spent'>): Promise<Reach | null> {
    if (call.reach) return call.reach;
    return asksFor(policies, 'reach') ? ((await this.#reach?.(call)) ?? null) : null;
  }

  async #lockAt(tx: Transaction, projectId: string, reference: string, version: number): Promise<Policy> {
    const policy = found(reference, await lockPolicy(tx, projectId, reference));
    if (policy.version === version) return policy;
    const { id, version: expected } = policy;
    throw new SignalboxError('OPTIMISTIC_LOCK', { noun: 'policy', id, expected, received: version });
  }
}

function asksFor(policies: readonly DecidingPolicy[], what: 'spent' | 'reach'): boolean {
  return policies.some(({ document }) => document.rules.some(({ match }) => match[what] !== undefined));
}

function tried(document: PolicyDocument): DecidingPolicy[] {
  return [{ ...TRIED, document }];
}

function found(policy: string, there: Policy | null): Policy {
  if (!there) throw new SignalboxError('POLICY_NOT_FOUND', { policy });
  return there;
}

async function record(
  tx: Transaction,
  verb: 'create' | 'update' | 'delete',
  before: Policy | null,
  after: Policy | null,
  actor: string,
): Promise<void> {
  const { id, projectId, name, sessionId, enabled, position, document } = (after ?? before) as Policy;
  const version = after?.version ?? null;
  await recordAudit(tx, projectId, {
    actor,
    action: `policy.${verb}`,
    subjectType: 'policy',
    subjectId: id,
    versionBefore: before?.version ?? null,
    versionAfter: version,
    details: { name, sessionId, enabled, position, rules: document.rules.length, default: document.default },
  });
  await recordFeed(tx, projectId, 'policy', { policyId: id, change: `${verb}d`, version });
}
