import { join } from 'node:path';
import { SignalboxError } from '../../platform/errors/index.ts';
import {
  type Captures,
  type FileContent,
  type GitCall,
  git,
  shownContent,
  type Workspace,
  type WorkspaceChanges,
  type Workspaces,
} from '../../workspaces/index.ts';
import { factsOf, pathState } from '../undo/files/path-state.ts';
import type { FileWrite, Undos } from '../undo/index.ts';
import type { FilePort, FileSnapshot, FileState } from './file-port.ts';
import type { WriteOrigin } from './state-port.ts';

/** The files of workspaces by their captures (RB-031): contents from the workspace's private store, written as undo writes. */
export class WorkspaceFiles implements FilePort {
  readonly #workspaces: Pick<Workspaces, 'get'>;
  readonly #captures: Pick<Captures, 'of' | 'chain'>;
  readonly #changes: Pick<WorkspaceChanges, 'lastOf'>;
  readonly #undos: Pick<Undos, 'restore'>;

  constructor(parts: {
    workspaces: Pick<Workspaces, 'get'>;
    captures: Pick<Captures, 'of' | 'chain'>;
    changes: Pick<WorkspaceChanges, 'lastOf'>;
    undos: Pick<Undos, 'restore'>;
  }) {
    this.#workspaces = parts.workspaces;
    this.#captures = parts.captures;
    this.#changes = parts.changes;
    this.#undos = parts.undos;
  }

  /** @throws WORKSPACE_NOT_FOUND, WORKSPACE_CAPTURE_FAILED */
  async capture(projectId: string, workspaceId: string): Promise<FileSnapshot> {
    const workspace = await this.#workspaces.get(projectId, workspaceId);
    // Looked at itself, and not by the chain: that answers what it last saw while somebody has the files alone.
    const { treeId } = await this.#captures.of(workspace).capture();
    return { workspaceId, treeId, position: await this.#positionOf(workspace, treeId) };
  }

  /** The place of a tree at the end of the chain; null where somebody writes so fast that it is not there. */
  async #positionOf(workspace: Workspace, treeId: string): Promise<number | null> {
    const chain = this.#captures.chain(workspace);
    const latest = await chain.latest();
    const capture = latest?.treeId === treeId ? latest : (await chain.step('look')).capture;
    return capture.treeId === treeId ? capture.position : null;
  }

  async filesOf(projectId: string, { workspaceId, treeId }: FileSnapshot): Promise<ReadonlyMap<string, FileState>> {
    const call = await this.#store(projectId, workspaceId);
    const listing = await git(['ls-tree', '-r', '-z', '--full-tree', treeId], call);
    const lines = listing.toString('utf8').split('\0').slice(0, -1);
    return new Map(lines.map(parseEntry));
  }

  async content(projectId: string, snapshot: FileSnapshot, path: string): Promise<FileContent> {
    const file = (await this.filesOf(projectId, snapshot)).get(path);
    if (!file) throw new SignalboxError('FILE_NOT_FOUND', { path });
    return shownContent(
      path,
      await git(['cat-file', 'blob', file.oid], await this.#store(projectId, snapshot.workspaceId)),
    );
  }

  /** By the chain, and within the interval in which a file changed by the file itself: a person's edit may be found long after it. */
  async changedAt(
    projectId: string,
    { workspaceId, position }: FileSnapshot,
    paths: readonly string[],
  ): Promise<ReadonlyMap<string, string>> {
    const { path: root } = await this.#workspaces.get(projectId, workspaceId);
    const intervals = await this.#changes.lastOf(projectId, workspaceId, paths, position ?? undefined);
    const times = new Map<string, string>();
    for (const [path, { after, upTo }] of intervals) {
      const written = (await factsOf(join(root, path)))?.mtime;
      const within = written !== undefined && after !== null && written > after && written < upTo;
      times.set(path, (within ? written : upTo).toISOString());
    }
    return times;
  }

  async read(
    projectId: string,
    workspaceId: string,
    paths: readonly string[],
  ): Promise<ReadonlyMap<string, FileState>> {
    const { path: root } = await this.#workspaces.get(projectId, workspaceId);
    const files = new Map<string, FileState>();
    for (const path of paths) {
      const state = await pathState(root, path);
      // A directory in a file's place is not the file; writing there is refused.
      if (state && state !== 'other' && state.oid !== null) files.set(path, { oid: state.oid, mode: state.mode });
    }
    return files;
  }

  async restore(
    projectId: string,
    workspaceId: string,
    writes: readonly FileWrite[],
    { actor, operationId, sessionId, force, signal }: WriteOrigin & { sessionId: string | null },
  ): Promise<readonly string[]> {
    const restore = { workspaceId, writes, rollbackOperationId: operationId, sessionId, force, signal };
    const { id, status, report, error } = await this.#undos.restore(projectId, restore, actor);
    const foreign = report?.foreign ?? [];
    if (status === 'completed') return foreign;
    const reason = error?.message ?? `it was ${status}`;
    throw new SignalboxError('ROLLBACK_FILES_NOT_RESTORED', { undoId: id, reason, foreign });
  }

  async #store(projectId: string, workspaceId: string): Promise<GitCall> {
    const workspace: Workspace = await this.#workspaces.get(projectId, workspaceId);
    const { gitDir } = this.#captures.of(workspace);
    return { cwd: gitDir, env: { GIT_DIR: gitDir } };
  }
}

/** `mode type oid\tpath` */
function parseEntry(line: string): [path: string, state: FileState] {
  const end = line.indexOf('\t');
  const [mode = '', , oid = ''] = line.slice(0, end).split(' ');
  return [line.slice(end + 1), { oid, mode }];
}
