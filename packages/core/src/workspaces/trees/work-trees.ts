import { join } from 'node:path';
import { recordAudit } from '../../audit/index.ts';
import type { Clock } from '../../platform/clock/clock.ts';
import type { Database, Transaction } from '../../platform/database/index.ts';
import { SignalboxError } from '../../platform/errors/index.ts';
import { recordFeed } from '../../platform/feed/index.ts';
import type { Ids } from '../../platform/ids/ids.ts';
import type { ListQuery, Page } from '../../platform/query/index.ts';
import type { Captures } from '../captures.ts';
import type { Workspace } from '../workspace.ts';
import { insertWorkspace } from '../workspace-store.ts';
import type { Workspaces } from '../workspaces.ts';
import {
  addWorkTree,
  type Beginning,
  beginningOf,
  freeBranch,
  headOf,
  isClean,
  isThere,
  removeWorkTree,
} from './git-work-tree.ts';
import { mergeOutlook } from './merge-outlook.ts';
import { checkMergeable, mergeWorkTree } from './merge-work-tree.ts';
import type { WorkTree, WorkTreePreview, WorkTreeStatus } from './work-tree.ts';
import { WorkTreePlaces } from './work-tree-places.ts';
import {
  getWorkTree,
  insertWorkTree,
  knownTreePaths,
  leftOverWorkTrees,
  moveWorkTree,
  pageWorkTrees,
  remakeWorkTree,
  sessionUnderWay,
  workTreeOfSession,
} from './work-tree-store.ts';

/** Longest wait for sessions that may be writing in the user's tree before a merge is refused, in milliseconds. */
const MERGE_WAIT_MS = 10_000;
const AT_ONCE = 100;
const NAME_LENGTH = 200;
/** Who a tree is removed or kept by when its session is over. */
const ACTOR = 'signalbox';

/** The session for which a tree is made. */
export interface IsolatedSession {
  id: string;
  projectId: string;
  /** The workspace that it was made for. */
  workspaceId: string;
}

/** Work trees on this node whose session is over or gone, and directories that belong to none of any project. */
export interface LeftOverTrees {
  trees: WorkTree[];
  strays: string[];
}

/**
 * Work trees of sessions that work apart. Rows say what is meant to be, before git does it: whatever is interrupted is
 * found in its row, and made or removed anew. One thing at a time per tree.
 */
export class WorkTrees {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #workspaces: Pick<Workspaces, 'get'>;
  readonly #captures: Captures;
  readonly #places: WorkTreePlaces;
  readonly #queues = new Map<string, Promise<unknown>>();

  /** @param parts.directory where the trees lie; made when first needed. */
  constructor(parts: {
    database: Database;
    clock: Clock;
    ids: Ids;
    workspaces: Pick<Workspaces, 'get'>;
    captures: Captures;
    directory: string;
  }) {
    this.#database = parts.database;
    this.#clock = parts.clock;
    this.#ids = parts.ids;
    this.#workspaces = parts.workspaces;
    this.#captures = parts.captures;
    this.#places = new WorkTreePlaces(parts.directory);
  }

  /** The latest first unless asked otherwise, by any filter on {@link WORK_TREE_FIELDS}. @throws as lists do */
  list(projectId: string, query: ListQuery = {}): Promise<Page<WorkTree>> {
    return pageWorkTrees(this.#database, projectId, query);
  }

  /** @throws WORK_TREE_NOT_FOUND */
  async get(projectId: string, id: string): Promise<WorkTree> {
    const tree = await getWorkTree(this.#database, projectId, id);
    if (!tree) throw new SignalboxError('WORK_TREE_NOT_FOUND', { id });
    return tree;
  }

  /**
   * The workspace in which a session works apart: that of its tree, made at its first start and whenever it is gone.
   * @param link keeps the workspace's id with the session, in the transaction that announces the tree.
   * @throws WORK_TREE_NO_REPOSITORY, WORK_TREE_NO_COMMIT, WORK_TREE_FAILED, WORK_TREE_GONE, WORK_TREE_INTERRUPTED,
   *   WORKSPACE_NOT_FOUND
   */
  ensure(
    session: IsolatedSession,
    actor: string,
    link: (tx: Transaction, treeWorkspaceId: string) => Promise<void>,
  ): Promise<Workspace> {
    return this.#alone(session.id, async () => {
      const { projectId } = session;
      const known = await workTreeOfSession(this.#database, projectId, session.id);
      if (known?.status === 'merging') throw new SignalboxError('WORK_TREE_INTERRUPTED', { id: known.id });
      if (known?.status === 'ready' || known?.status === 'kept') {
        if (!(await isThere(known))) throw new SignalboxError('WORK_TREE_GONE', { id: known.id, path: known.path });
        if (known.status === 'kept') await this.#move(known, 'ready', actor, 'work_tree.reuse');
        return this.#workspaces.get(projectId, known.treeWorkspaceId);
      }
      const workspace = await this.#workspaces.get(projectId, session.workspaceId);
      const beginning = await beginningOf(workspace.path);
      // A branch of that name is somebody else's by now, where its own had gone.
      if (known) await removeWorkTree(known, isOver(known) ? 'nothing' : 'base');
      const tree = await this.#announce(session, workspace, beginning, known, link);
      try {
        await addWorkTree(tree);
      } catch (error) {
        await this.#move(tree, 'removed', actor, 'work_tree.fail');
        throw error;
      }
      await this.#move(tree, 'ready', actor, 'work_tree.make');
      return this.#workspaces.get(projectId, tree.treeWorkspaceId);
    });
  }

  /**
   * After the end of a session: removes its tree where nothing would be lost, else keeps it to be merged or discarded.
   * Nothing happens while the session may still work, or where the tree is not here.
   */
  async settle(projectId: string, sessionId: string): Promise<void> {
    const tree = await workTreeOfSession(this.#database, projectId, sessionId);
    if (tree) await this.#settle(tree);
  }

  /** {@link settle} for all trees on this node that were left without: by a process that ended, or a session that never ran. */
  async settleAll(): Promise<void> {
    const undecided: WorkTreeStatus[] = ['making', 'ready', 'discarding', 'removing'];
    const directory = await this.#places.directory();
    for (const tree of await leftOverWorkTrees(this.#database, null, directory, undecided, AT_ONCE))
      await this.#settle(tree);
  }

  /** What a merge would do. @throws WORK_TREE_NOT_FOUND, WORK_TREE_OVER, WORK_TREE_GONE */
  async preview(projectId: string, id: string): Promise<WorkTreePreview> {
    const workTree = await this.get(projectId, id);
    checkOpen(workTree);
    const { user, mergeBase, commits, uncommitted, files, conflicts, inTheWay, refusal } = await mergeOutlook(workTree);
    const into = { branch: user.branch, commit: user.head };
    return { workTree, into, mergeBase, commits, uncommitted, files, conflicts, inTheWay, refusal };
  }

  /**
   * Brings the session's work into the user's current branch and files, and removes the tree and its branch.
   * @param version refused where the tree is at another; not asked for where it is left out.
   * @throws WORK_TREE_NOT_FOUND, OPTIMISTIC_LOCK, WORK_TREE_OVER, WORK_TREE_IN_USE, WORK_TREE_GONE, WORK_TREE_CONFLICT,
   *   WORK_TREE_IN_THE_WAY, WORK_TREE_NOT_MERGEABLE, WORKSPACE_BUSY
   */
  async merge(projectId: string, id: string, actor: string, version?: number): Promise<WorkTree> {
    const { workspaceId } = await this.get(projectId, id);
    const workspace = await this.#workspaces.get(projectId, workspaceId);
    return this.#alone(await this.#keyOf(projectId, id), () =>
      this.#captures.chain(workspace).exclusively(
        async () => {
          const before = await this.#decidable(projectId, id, version);
          const already =
            before.status === 'merging' && !(await isThere(before)) ? await headOf(before.repository) : null;
          // It was interrupted after the tree had been removed, which comes last.
          if (already !== null) return this.#move(before, 'merged', actor, null, already);
          const outlook = await mergeOutlook(before);
          checkMergeable(before, outlook);
          const into = { branch: outlook.user.branch, commit: outlook.user.head };
          const tree = await this.#decide(before, 'merging', actor, 'work_tree.merge', { into });
          const about = { sessionId: tree.sessionId ?? 'gone', title: tree.sessionTitle ?? `Work of ${tree.branch}` };
          let commit: string;
          try {
            commit = await mergeWorkTree(tree, outlook, about);
          } catch (error) {
            await this.#move(tree, 'kept', actor, 'work_tree.merge_fail');
            throw error;
          }
          await removeWorkTree(tree, { merged: commit });
          return this.#move(tree, 'merged', actor, null, commit);
        },
        { waitMs: MERGE_WAIT_MS },
      ),
    );
  }

  /**
   * Removes the tree and its branch, with all that is in them. @param version as for `merge`.
   * @throws WORK_TREE_NOT_FOUND, OPTIMISTIC_LOCK, WORK_TREE_OVER, WORK_TREE_IN_USE
   */
  async discard(projectId: string, id: string, actor: string, version?: number): Promise<WorkTree> {
    return this.#alone(await this.#keyOf(projectId, id), async () => {
      const before = await this.#decidable(projectId, id, version);
      const tree = await this.#decide(before, 'discarding', actor, 'work_tree.discard', {});
      await removeWorkTree(tree, 'all');
      return this.#move(tree, 'discarded', actor, null);
    });
  }

  /** What is left on this node: of the project at most a hundred trees, those first that were left first. */
  async leftOver(projectId: string): Promise<LeftOverTrees> {
    const directory = await this.#places.directory();
    const open: WorkTreeStatus[] = ['making', 'ready', 'kept', 'merging', 'discarding', 'removing'];
    const trees = await leftOverWorkTrees(this.#database, projectId, directory, open, AT_ONCE);
    const found = await this.#places.found();
    const known = await knownTreePaths(this.#database, found);
    return { trees, strays: found.filter((path) => !known.has(path)) };
  }

  /** Writes down that a tree is to be, with the workspace that it will be. */
  async #announce(
    session: IsolatedSession,
    workspace: Workspace,
    { repository, base, prefix }: Beginning,
    known: WorkTree | null,
    link: (tx: Transaction, treeWorkspaceId: string) => Promise<void>,
  ): Promise<WorkTree> {
    const { projectId } = session;
    const path = await this.#places.of(session.id);
    const branch = await freeBranch(repository, session.id);
    const at = this.#clock.now().toISOString();
    await this.#database.transaction(
      async (tx) => {
        if (known) {
          if (!(await remakeWorkTree(tx, projectId, known, { repository, branch, base, at }))) throw stale(known);
          await link(tx, known.treeWorkspaceId);
          return;
        }
        const name = `${workspace.name} ${branch}`.slice(-NAME_LENGTH).trim();
        const own = { id: this.#ids.uuid(), name, path: join(path, prefix), metadata: {}, parentId: workspace.id };
        const made = await insertWorkspace(tx, projectId, own);
        if (!made) throw new SignalboxError('WORKSPACE_EXISTS', { path: own.path, id: 'another' });
        await link(tx, made.id);
        const of = { sessionId: session.id, workspaceId: workspace.id, treeWorkspaceId: made.id };
        await insertWorkTree(tx, projectId, {
          id: this.#ids.uuid(),
          ...of,
          repository,
          path,
          branch,
          base,
          createdAt: at,
        });
      },
      { retries: 3 },
    );
    const tree = await workTreeOfSession(this.#database, projectId, session.id);
    if (!tree) throw new SignalboxError('SESSION_NOT_FOUND', { id: session.id });
    return tree;
  }

  #settle(found: WorkTree): Promise<void> {
    return this.#alone(found.sessionId ?? found.id, async () => {
      const tree = await this.get(found.projectId, found.id);
      const { status } = tree;
      if (status === 'discarding' || status === 'removing') {
        await removeWorkTree(tree, status === 'discarding' ? 'all' : 'base');
        await this.#move(tree, status === 'discarding' ? 'discarded' : 'removed', ACTOR, null);
        return;
      }
      if (status !== 'making' && status !== 'ready') return;
      // One that is not here may lie on another node: nothing can be said of it.
      if (status === 'ready' && !(await isThere(tree))) return;
      const empty = status === 'making' || (await isClean(tree));
      const [to, action] = empty ? (['removing', 'work_tree.remove'] as const) : (['kept', 'work_tree.keep'] as const);
      const settled = await this.#unlessUnderWay(tree, to, ACTOR, action);
      if (!settled || !empty) return;
      await removeWorkTree(settled);
      await this.#move(settled, 'removed', ACTOR, null);
    });
  }

  /** The tree as it is now, where it may be merged or discarded. */
  async #decidable(projectId: string, id: string, version: number | undefined): Promise<WorkTree> {
    const tree = await this.get(projectId, id);
    if (version !== undefined && version !== tree.version) throw stale(tree, version);
    checkOpen(tree);
    return tree;
  }

  /** @throws WORK_TREE_IN_USE */
  async #decide(
    tree: WorkTree,
    status: WorkTreeStatus,
    actor: string,
    action: string,
    details: Record<string, unknown>,
  ): Promise<WorkTree> {
    const decided = await this.#unlessUnderWay(tree, status, actor, action, details);
    if (decided) return decided;
    const { id, projectId, sessionId } = tree;
    const { sessionStatus } = await this.get(projectId, id);
    throw new SignalboxError('WORK_TREE_IN_USE', { id, sessionId, status: sessionStatus });
  }

  /** Null where the session may still work in the tree. */
  async #unlessUnderWay(
    tree: WorkTree,
    status: WorkTreeStatus,
    actor: string,
    action: string,
    details: Record<string, unknown> = {},
  ): Promise<WorkTree | null> {
    const moved = await this.#database.transaction(
      async (tx) => {
        const { projectId, sessionId } = tree;
        if (sessionId !== null && (await sessionUnderWay(tx, projectId, sessionId))) return false;
        await this.#record(tx, tree, { status }, actor, action, details);
        return true;
      },
      { retries: 3 },
    );
    return moved ? this.get(tree.projectId, tree.id) : null;
  }

  /** @param action what the audit calls it; null where the decision was recorded when it began. */
  async #move(
    tree: WorkTree,
    status: WorkTreeStatus,
    actor: string,
    action: string | null,
    mergedCommit?: string,
  ): Promise<WorkTree> {
    const to = { status, ...(mergedCommit === undefined ? {} : { mergedCommit }) };
    await this.#database.transaction((tx) => this.#record(tx, tree, to, actor, action, {}), { retries: 3 });
    return this.get(tree.projectId, tree.id);
  }

  async #record(
    tx: Transaction,
    tree: WorkTree,
    to: { status: WorkTreeStatus; mergedCommit?: string },
    actor: string,
    action: string | null,
    more: Record<string, unknown>,
  ): Promise<void> {
    const { id, projectId, sessionId, workspaceId, branch, base, path, version } = tree;
    if (!(await moveWorkTree(tx, projectId, tree, { ...to, at: this.#clock.now().toISOString() }))) throw stale(tree);
    if (action !== null) {
      await recordAudit(
        tx,
        projectId,
        {
          actor,
          action,
          subjectType: 'work_tree',
          subjectId: id,
          versionBefore: version,
          versionAfter: version + 1,
          details: { sessionId, branch, base, path, ...more },
        },
        this.#ids,
      );
    }
    const payload = {
      workspaceId,
      workTreeId: id,
      sessionId,
      change: 'worktree',
      status: to.status,
      version: version + 1,
    };
    await recordFeed(tx, projectId, 'workspace', payload);
  }

  async #keyOf(projectId: string, id: string): Promise<string> {
    return (await this.get(projectId, id)).sessionId ?? id;
  }

  /** Runs `work` while nothing else is done to the same tree in this process. */
  #alone<T>(key: string, work: () => Promise<T>): Promise<T> {
    const next = (this.#queues.get(key) ?? Promise.resolve()).then(work);
    const settled = next.then(
      () => undefined,
      () => undefined,
    );
    this.#queues.set(key, settled);
    void settled.then(() => {
      if (this.#queues.get(key) === settled) this.#queues.delete(key);
    });
    return next;
  }
}

/** @throws WORK_TREE_OVER */
function checkOpen(tree: WorkTree): void {
  if (isOver(tree)) throw new SignalboxError('WORK_TREE_OVER', { id: tree.id, status: tree.status });
}

/** Whether nothing of it is there any more: what has its names by now is somebody else's. */
function isOver({ status }: WorkTree): boolean {
  return status === 'merged' || status === 'discarded' || status === 'removed';
}

function stale({ id, version }: WorkTree, received = version): SignalboxError {
  const expected = received === version ? 'another' : version;
  return new SignalboxError('OPTIMISTIC_LOCK', { noun: 'work tree', id, expected, received });
}
