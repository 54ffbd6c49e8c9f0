import { SignalboxError } from '../../platform/errors/index.ts';
import { type Captures, type GitCall, git, type Workspace, type Workspaces } from '../../workspaces/index.ts';
import { pathState } from '../undo/files/path-state.ts';
import { writePath } from '../undo/files/write-path.ts';
import type { FilePort, FileSnapshot, FileState } from './file-port.ts';

/** The files of workspaces by their captures (RB-031): contents from the workspace's private store, written byte for byte. */
export class WorkspaceFiles implements FilePort {
  readonly #workspaces: Pick<Workspaces, 'get'>;
  readonly #captures: Pick<Captures, 'of'>;
  readonly #uuid: () => string;

  /** @param parts.uuid names temporary files */
  constructor(parts: { workspaces: Pick<Workspaces, 'get'>; captures: Pick<Captures, 'of'>; uuid: () => string }) {
    this.#workspaces = parts.workspaces;
    this.#captures = parts.captures;
    this.#uuid = parts.uuid;
  }

  /** @throws WORKSPACE_NOT_FOUND, WORKSPACE_CAPTURE_FAILED */
  async capture(projectId: string, workspaceId: string): Promise<FileSnapshot> {
    const workspace = await this.#workspaces.get(projectId, workspaceId);
    const { treeId } = await this.#captures.of(workspace).capture();
    return { workspaceId, treeId, position: null };
  }

  async filesOf(projectId: string, { workspaceId, treeId }: FileSnapshot): Promise<ReadonlyMap<string, FileState>> {
    const call = await this.#store(projectId, workspaceId);
    const listing = await git(['ls-tree', '-r', '-z', '--full-tree', treeId], call);
    const lines = listing.toString('utf8').split('\0').slice(0, -1);
    return new Map(lines.map(parseEntry));
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

  /** By a temporary file beside it, hashed again just before. @throws ROLLBACK_WRITE_STALE, UNDO_PATH_UNSAFE */
  async write(
    projectId: string,
    workspaceId: string,
    { path, target, expected }: { path: string; target: FileState | null; expected: FileState | null },
  ): Promise<void> {
    const { path: root } = await this.#workspaces.get(projectId, workspaceId);
    const call = await this.#store(projectId, workspaceId);
    const read = (oid: string) => git(['cat-file', 'blob', oid], call);
    try {
      await writePath({ root, undoId: this.#uuid(), read }, { path, ordinal: 0, from: expected, to: target });
    } catch (error) {
      if (!SignalboxError.is(error, 'UNDO_PATH_CHANGED')) throw error;
      throw new SignalboxError('ROLLBACK_WRITE_STALE', { path: `file:${path}` }, { cause: error });
    }
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
