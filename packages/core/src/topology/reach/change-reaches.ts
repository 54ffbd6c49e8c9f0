import type { Approval } from '../../approvals/index.ts';
import { recordAudit } from '../../audit/index.ts';
import type { Database } from '../../platform/database/index.ts';
import { parseInput, SignalboxError } from '../../platform/errors/index.ts';
import { type CallFacts, filesWrittenBy } from '../../policies/index.ts';
import type { ServiceMaps } from '../graph/service-maps.ts';
import type { CodePort } from './code-port.ts';
import type { CodeRule } from './code-rule.ts';
import { listCodeRules, removeCodeRule } from './code-rule-store.ts';
import { type ChangedFiles, type MeasureParts, measureReach } from './measure-reach.ts';
import { type ChangeReach, type ConflictReach, type MeasureReach, measureReachSchema } from './reach.ts';

/** Where a session works, and what it changed there so far. */
export interface SessionWork {
  workspaceIds: readonly string[];
  root: string | null;
  paths: readonly string[];
  /** Those of them that no call named before it changed them, and that nobody has been asked about since. */
  unseen: readonly string[];
}

/** What reach asks of the rooms that know. */
export interface WorkPort {
  /** @throws SESSION_NOT_FOUND */
  ofSession(projectId: string, sessionId: string): Promise<SessionWork>;
  /** Absolute path. @throws WORKSPACE_NOT_FOUND */
  root(projectId: string, workspaceId: string): Promise<string>;
  /** On what sessions got into each other's way: of those conflicts that there are. */
  conflicts(projectId: string, ids: readonly string[]): Promise<readonly Conflicting[]>;
}

export interface Conflicting {
  id: string;
  workspaceId: string;
  /** Relative to the workspace. */
  path: string;
}

/** A tool call that is about to be made. */
export type ReachingCall = Pick<CallFacts, 'projectId' | 'sessionId' | 'workspacePath' | 'tool' | 'arguments'>;

type ReachedApproval = Pick<Approval, 'projectId' | 'sessionId' | 'tool' | 'workingDirectory' | 'arguments'>;

/** What changes can break. */
export class ChangeReaches {
  readonly #database: Database;
  readonly #parts: MeasureParts;
  readonly #work: WorkPort;

  constructor({ work, ...parts }: { database: Database; maps: ServiceMaps; work: WorkPort; code: CodePort }) {
    this.#database = parts.database;
    this.#parts = parts;
    this.#work = work;
  }

  /** Of files. @throws VALIDATION_FAILED, UNKNOWN_FIELD, WORKSPACE_NOT_FOUND */
  async ofPaths(projectId: string, input: MeasureReach): Promise<ChangeReach> {
    const { paths, workspaceId, environment } = parseInput(measureReachSchema, input);
    const root = workspaceId === undefined ? null : await this.#work.root(projectId, workspaceId);
    const workspaceIds = workspaceId === undefined ? [] : [workspaceId];
    return this.#measure(projectId, { paths, workspaceIds, root, environment });
  }

  /** Of all that a session changed so far. @throws SESSION_NOT_FOUND */
  async ofSession(projectId: string, sessionId: string): Promise<ChangeReach> {
    return this.#measure(projectId, await this.#work.ofSession(projectId, sessionId));
  }

  /**
   * Of the files that a call names as those which it writes, by the text that it proposes, before it does; and of what was changed by calls
   * that did not say so before, such as those of a shell, until somebody has been asked: a session that went too far is held before its
   * next call. @throws SESSION_NOT_FOUND
   */
  async ofCall(call: ReachingCall): Promise<ChangeReach> {
    const { workspaceIds, unseen } = await this.#work.ofSession(call.projectId, call.sessionId);
    const written = await filesWrittenBy(call);
    const left = new Set(unseen);
    return this.#measure(call.projectId, {
      workspaceIds,
      root: call.workspacePath,
      paths: [...written, ...unseen],
      proposed: { call, paths: new Set(written.filter((path) => !left.has(path))) },
    });
  }

  /** {@link ofCall} of the call that people are asked about; of a session or a task what its session changed. @throws SESSION_NOT_FOUND */
  async ofApproval(approval: ReachedApproval): Promise<ChangeReach> {
    const { projectId, sessionId, tool, workingDirectory, arguments: given } = approval;
    if (sessionId === null) return this.#measure(projectId, { workspaceIds: [], root: null, paths: [] });
    if (tool === null || workingDirectory === null) return this.ofSession(projectId, sessionId);
    return this.ofCall({ projectId, sessionId, tool, workspacePath: workingDirectory, arguments: given ?? {} });
  }

  /** Of the path that two sessions work on, for each of these conflicts that there is. */
  async ofConflicts(projectId: string, ids: readonly string[]): Promise<ConflictReach[]> {
    const found: ConflictReach[] = [];
    const known = await this.#work.conflicts(projectId, ids);
    for (const same of Map.groupBy(known, ({ workspaceId, path }) => JSON.stringify([workspaceId, path])).values()) {
      const [{ workspaceId, path } = { workspaceId: '', path: '' }] = same;
      const { level, reasons } = await this.ofPaths(projectId, { paths: [path], workspaceId });
      found.push(...same.map(({ id }) => ({ conflictId: id, level, reasons })));
    }
    return found;
  }

  /** By service. */
  rules(projectId: string): Promise<CodeRule[]> {
    return listCodeRules(this.#database, projectId, null);
  }

  /** @throws CODE_RULE_NOT_FOUND */
  async removeRule(projectId: string, id: string, actor: string): Promise<void> {
    await this.#database.transaction(async (tx) => {
      if (!(await removeCodeRule(tx, projectId, id))) throw new SignalboxError('CODE_RULE_NOT_FOUND', { id });
      const about = { actor, action: 'code_rule.delete', subjectType: 'code_rule', subjectId: id };
      await recordAudit(tx, projectId, about);
    });
  }

  #measure(projectId: string, changed: ChangedFiles): Promise<ChangeReach> {
    return measureReach(this.#parts, projectId, changed);
  }
}
