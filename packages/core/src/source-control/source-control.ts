import { recordAudit } from '../audit/index.ts';
import type { Knowledge, KnownEntity } from '../knowledge/index.ts';
import type { Clock } from '../platform/clock/clock.ts';
import type { Database, Transaction } from '../platform/database/index.ts';
import { parseInput, SignalboxError } from '../platform/errors/index.ts';
import { recordFeed } from '../platform/feed/index.ts';
import type { Ids } from '../platform/ids/ids.ts';
import type { ListQuery, Page } from '../platform/query/index.ts';
import type { Specs } from '../specs/index.ts';
import type { Workspaces } from '../workspaces/index.ts';
import { commitFacts } from './commit-facts.ts';
import { type CommitOutcome, type CommitRecord, type CreateCommit, createCommitSchema } from './commit-record.ts';
import { type CommitMove, getCommit, insertCommit, moveCommit, pageCommits } from './commit-store.ts';
import { applyCommit } from './git/apply-commit.ts';
import { prepareCommit } from './git/prepare-commit.ts';
import { pushBranch, remoteAddress, remoteOf } from './git/push-branch.ts';
import { readBranches } from './git/read-branches.ts';
import { readLog } from './git/read-log.ts';
import { readStatus } from './git/read-status.ts';
import {
  commitOfRef,
  hasInHistory,
  openRepository,
  type SourceRepository,
  settledHead,
} from './git/source-repository.ts';
import { type Asked, askProvider } from './provider/ask-provider.ts';
import { ProviderFailure, type PullRequestProvider } from './provider/pull-request-provider.ts';
import {
  type LogEntry,
  type Push,
  type PushResult,
  pushSchema,
  type ReadLog,
  readLogSchema,
  type SourceBranch,
  type SourceStatus,
} from './source-view.ts';

/** Milliseconds. */
const RETRY_DELAY_MS = 1_000;

export interface SourceControlParts {
  database: Database;
  clock: Clock;
  ids: Ids;
  workspaces: Pick<Workspaces, 'get'>;
  knowledge: Knowledge;
  specs: Pick<Specs, 'get'>;
  /** Where pull requests are opened; nowhere by default. */
  provider?: PullRequestProvider | undefined;
  /** Milliseconds that are waited before a provider is asked again for the first time; a second by default. */
  retryDelayMs?: number;
}

/** Who commits, and what that allows. */
export interface Committer {
  actor: string;
  /** Whether what they commit may be pushed, and a pull request be opened for it. */
  mayPublish: boolean;
}

/** What stands in the version control of a workspace, and commits that are made for a specification and with what speaks for them. */
export class SourceControl {
  readonly #parts: SourceControlParts;

  constructor(parts: SourceControlParts) {
    this.#parts = parts;
  }

  /** KG-308. @throws WORKSPACE_NOT_FOUND, SOURCE_NO_REPOSITORY */
  async status(projectId: string, workspaceId: string): Promise<SourceStatus> {
    return readStatus(await this.#repository(projectId, workspaceId));
  }

  /** KG-308. @throws WORKSPACE_NOT_FOUND, SOURCE_NO_REPOSITORY */
  async branches(projectId: string, workspaceId: string): Promise<SourceBranch[]> {
    return readBranches(await this.#repository(projectId, workspaceId));
  }

  /** KG-308. @throws VALIDATION_FAILED, UNKNOWN_FIELD, WORKSPACE_NOT_FOUND, SOURCE_NO_REPOSITORY, SOURCE_BRANCH_NOT_FOUND, PATH_OUTSIDE_WORKSPACE */
  async log(projectId: string, workspaceId: string, input: ReadLog = {}): Promise<LogEntry[]> {
    const asked = parseInput(readLogSchema, input);
    return readLog(await this.#repository(projectId, workspaceId), asked);
  }

  /**
   * Commits some paths of a workspace as they lie there, and nothing else that is staged (KG-305…309).
   * @throws VALIDATION_FAILED, UNKNOWN_FIELD, SOURCE_PUBLISH_REFUSED, WORKSPACE_NOT_FOUND, SPEC_NOT_FOUND, GRAPH_ENTITY_NOT_FOUND,
   * SOURCE_NO_REPOSITORY, SOURCE_REMOTE_NOT_FOUND, SOURCE_PROVIDER_MISSING, and what {@link prepareCommit} and {@link applyCommit} throw
   */
  async commit(
    projectId: string,
    workspaceId: string,
    input: CreateCommit,
    { actor, mayPublish }: Committer,
  ): Promise<CommitOutcome> {
    const {
      changes: paths,
      branchName,
      title,
      description,
      relatedSpecId = null,
      ...wanted
    } = parseInput(createCommitSchema, input);
    if (wanted.createPR && !mayPublish) throw new SignalboxError('SOURCE_PUBLISH_REFUSED');
    const { database, clock, ids } = this.#parts;
    const repository = await this.#repository(projectId, workspaceId);
    if (relatedSpecId !== null) await this.#parts.specs.get(projectId, relatedSpecId);
    const known = await this.#known(projectId, wanted.testResults);
    const gone = wanted.testResults.find((id) => !known.has(id));
    if (gone !== undefined) throw new SignalboxError('GRAPH_ENTITY_NOT_FOUND', { id: gone });
    const provider = wanted.createPR ? await this.#providerOf(repository, branchName) : null;
    const at = clock.now();
    const message = description.trim() === '' ? `${title}\n` : `${title}\n\n${description.trim()}\n`;
    const prepared = await prepareCommit(repository, { paths, message, branch: branchName, at });
    const draft = {
      ...{ id: ids.uuid(), workspaceId, title, description, relatedSpecId, testResults: wanted.testResults },
      ...{ commitHash: prepared.hash, branch: prepared.branch, author: prepared.author, changes: prepared.changes },
      ...{ validationResults: wanted.validationResults ?? null, metadata: wanted.metadata },
      ...{ pullRequest: wanted.createPR, labels: wanted.labels, createdAt: at.toISOString() },
    };
    // The row first: of what breaks off in the middle it tells that it was wanted.
    const pending = await database.transaction(async (tx) => {
      const made = await insertCommit(tx, projectId, draft);
      await record(tx, 'create', null, made, actor);
      return made;
    });
    try {
      await applyCommit(repository, prepared);
    } catch (error) {
      await this.#move(pending, { ...asItIs(pending), status: 'failed' }, actor);
      throw error;
    }
    const committed = await this.#committed(pending, actor);
    return this.#outcome(provider ? await this.#publish(repository, committed, provider, actor) : committed);
  }

  /**
   * Opens the pull request of a commit for which there is none yet, such as one that could not be had before.
   * @throws SOURCE_COMMIT_NOT_FOUND, SOURCE_COMMIT_GONE, SOURCE_PROVIDER_MISSING, SOURCE_REMOTE_NOT_FOUND, SOURCE_NO_REPOSITORY
   */
  async publish(projectId: string, id: string, actor: string): Promise<CommitOutcome> {
    const commit = await this.#commit(projectId, id);
    if (commit.prUrl !== null) return this.#outcome(commit);
    const repository = await this.#repository(projectId, commit.workspaceId);
    const tip = await commitOfRef(repository, `refs/heads/${commit.branch}`);
    if (tip === null || !(await hasInHistory(repository, tip, commit.commitHash)))
      throw new SignalboxError('SOURCE_COMMIT_GONE', { id, commit: commit.commitHash, branch: commit.branch });
    const provider = await this.#providerOf(repository, commit.branch);
    // Of one that broke off in the middle the graph may not have been told.
    const committed = await this.#committed(commit, actor);
    return this.#outcome(await this.#publish(repository, committed, provider, actor));
  }

  /** Pushes a branch (KG-308), never forced unless asked. @throws what {@link pushBranch} throws, SOURCE_HEAD_DETACHED */
  async push(projectId: string, workspaceId: string, input: Push, actor: string): Promise<PushResult> {
    const { remote, branch, force } = parseInput(pushSchema, input);
    const repository = await this.#repository(projectId, workspaceId);
    const pushed = await this.#push(repository, { remote, branch: branch ?? (await branchOf(repository)), force });
    await this.#parts.database.transaction((tx) =>
      recordAudit(tx, projectId, {
        ...{ actor, action: 'workspace.push', subjectType: 'workspace', subjectId: workspaceId },
        details: { ...pushed, force },
      }),
    );
    return pushed;
  }

  /** @throws SOURCE_COMMIT_NOT_FOUND */
  async get(projectId: string, id: string): Promise<CommitOutcome> {
    return this.#outcome(await this.#commit(projectId, id));
  }

  /** Commits that were made through us. @throws UNKNOWN_FILTER, UNKNOWN_SORT_KEY, INVALID_CURSOR */
  list(projectId: string, query: ListQuery): Promise<Page<CommitRecord>> {
    return pageCommits(this.#parts.database, projectId, query);
  }

  /** In its branch: now the graph is told. */
  async #committed(commit: CommitRecord, actor: string): Promise<CommitRecord> {
    const { database, knowledge } = this.#parts;
    const known = await this.#known(commit.projectId, validationIdOf(commit));
    return database.transaction(async (tx) => {
      const after = await this.#moveWithin(tx, commit, { ...asItIs(commit), status: 'committed' }, actor);
      await knowledge.within(tx).ingest(commit.projectId, commitFacts(after, known), actor);
      return after;
    });
  }

  async #push(repository: SourceRepository, wanted: Parameters<typeof pushBranch>[1]): Promise<PushResult> {
    const { clock, provider } = this.#parts;
    const pushed = await pushBranch(repository, wanted, clock);
    return { ...pushed, provider: provider?.has(pushed.url) ? provider.name : null };
  }

  /** Whoever holds the remote of a branch. @throws SOURCE_PROVIDER_MISSING, SOURCE_REMOTE_NOT_FOUND, SOURCE_HEAD_DETACHED */
  async #providerOf(repository: SourceRepository, branch: string | undefined): Promise<PullRequestProvider> {
    const { remote } = await remoteOf(repository, branch ?? (await branchOf(repository)), undefined);
    const { provider } = this.#parts;
    const url = await remoteAddress(repository, remote);
    if (!provider?.has(url)) throw new SignalboxError('SOURCE_PROVIDER_MISSING', { remote, url });
    return provider;
  }

  /** KG-309: whatever fails, the commit stays in its branch, and somebody is told. */
  async #publish(
    repository: SourceRepository,
    commit: CommitRecord,
    provider: PullRequestProvider,
    actor: string,
  ): Promise<CommitRecord> {
    const { name } = provider;
    const { url, retryAttempts, failure } = await this.#askForPullRequest(repository, commit, provider);
    if (failure === null) {
      const opened = { prUrl: url, provider: name, retryAttempts, providerError: null, escalationMessage: null };
      return this.#move(commit, { status: 'pushed', ...opened }, actor);
    }
    const { message, code } = failure;
    const providerError = { message, code, lastAttempt: this.#parts.clock.now().toISOString() };
    const [short, branch] = [commit.commitHash.slice(0, 12), commit.branch];
    const escalationMessage = `Commit ${short} is in branch ${branch}, and there is no pull request for it: ${message}. Mend that, then run \`signalbox source publish ${commit.id}\`.`;
    const failed = { prUrl: null, provider: name, retryAttempts, providerError, escalationMessage };
    return this.#move(commit, { status: 'pending', ...failed }, actor);
  }

  async #askForPullRequest(
    repository: SourceRepository,
    { branch, title, description, labels }: CommitRecord,
    provider: PullRequestProvider,
  ): Promise<Asked> {
    try {
      const { url } = await this.#push(repository, { remote: undefined, branch, force: false });
      const wanted = { remoteAddress: url, branch, title, body: description, labels };
      return await askProvider(provider, wanted, this.#parts.retryDelayMs ?? RETRY_DELAY_MS);
    } catch (error) {
      if (!SignalboxError.is(error)) throw error;
      const failure = new ProviderFailure(error.message, { code: error.code, mayPass: false });
      return { url: null, retryAttempts: 0, failure };
    }
  }

  #move(commit: CommitRecord, to: CommitMove, actor: string): Promise<CommitRecord> {
    return this.#parts.database.transaction((tx) => this.#moveWithin(tx, commit, to, actor));
  }

  async #moveWithin(tx: Transaction, before: CommitRecord, to: CommitMove, actor: string): Promise<CommitRecord> {
    const after = await moveCommit(tx, before, to, this.#parts.clock.now().toISOString());
    const { id, version } = before;
    if (!after) {
      const there = await getCommit(tx, before.projectId, id);
      throw new SignalboxError('OPTIMISTIC_LOCK', {
        noun: 'commit',
        id,
        expected: there?.version ?? 0,
        received: version,
      });
    }
    await record(tx, 'update', before, after, actor);
    return after;
  }

  async #outcome(commit: CommitRecord): Promise<CommitOutcome> {
    const { projectId, relatedSpecId, testResults, status, escalationMessage } = commit;
    const ids = [...testResults, ...(relatedSpecId === null ? [] : [relatedSpecId])];
    const known = await this.#known(projectId, ids);
    const spec = relatedSpecId === null ? undefined : known.get(relatedSpecId)?.entity;
    const { commitHash, branch, prUrl, provider, retryAttempts, providerError } = commit;
    return {
      ...{ commit, commitHash, branch, prUrl, provider, retryAttempts, providerError, escalationMessage },
      status: status === 'pending' || status === 'failed' ? status : 'committed',
      escalationRequired: escalationMessage !== null,
      relatedArtifacts: {
        spec: spec ? { id: String(spec.id), title: String(spec.title), status: String(spec.status) } : null,
        tests: testResults.map((id) => ({ id, ...nameOf(known.get(id)) })),
        validation: commit.validationResults,
      },
    };
  }

  async #repository(projectId: string, workspaceId: string): Promise<SourceRepository> {
    return openRepository((await this.#parts.workspaces.get(projectId, workspaceId)).path);
  }

  async #commit(projectId: string, id: string): Promise<CommitRecord> {
    const found = await getCommit(this.#parts.database, projectId, id);
    if (!found) throw new SignalboxError('SOURCE_COMMIT_NOT_FOUND', { id });
    return found;
  }

  #known(projectId: string, ids: readonly string[]): Promise<ReadonlyMap<string, KnownEntity>> {
    return this.#parts.knowledge.entities(projectId, ids);
  }
}

/** @throws SOURCE_HEAD_DETACHED */
async function branchOf(repository: SourceRepository): Promise<string> {
  const { branch } = await settledHead(repository);
  if (branch === null) throw new SignalboxError('SOURCE_HEAD_DETACHED', { path: repository.path });
  return branch;
}

/** What a move leaves as it is. */
function asItIs({
  status,
  prUrl,
  provider,
  retryAttempts,
  providerError,
  escalationMessage,
}: CommitRecord): CommitMove {
  return { status, prUrl, provider, retryAttempts, providerError, escalationMessage };
}

/** A text may be the id of something in the graph; a longer one is none. */
function validationIdOf({ validationResults }: CommitRecord): string[] {
  return typeof validationResults === 'string' && validationResults.length <= 2_000 ? [validationResults] : [];
}

function nameOf(known: KnownEntity | undefined): { name: string | null; path: string | null } {
  const { name, metadata, path } = (known?.entity ?? {}) as Record<string, unknown>;
  const told = name ?? (metadata as Record<string, unknown> | undefined)?.name;
  const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : null);
  return { name: text(told), path: text(path) };
}

async function record(
  tx: Transaction,
  verb: 'create' | 'update',
  before: CommitRecord | null,
  after: CommitRecord,
  actor: string,
): Promise<void> {
  const { id, projectId, workspaceId, commitHash, branch, status, relatedSpecId, prUrl } = after;
  await recordAudit(tx, projectId, {
    ...{ actor, action: `source_commit.${verb}`, subjectType: 'source_commit', subjectId: id },
    versionBefore: before?.version ?? null,
    versionAfter: after.version,
    details: {
      ...{ workspaceId, commitHash, branch, status, relatedSpecId, prUrl },
      ...(before ? { statusBefore: before.status } : { changes: after.changes.length }),
    },
  });
  const payload = { workspaceId, change: 'commit', commitId: id, status, version: after.version };
  await recordFeed(tx, projectId, 'workspace', payload);
}
