import type { StatePort } from './state-port.ts';

/** A file in a capture: its content by id, and its mode as git writes it. */
export interface FileState {
  oid: string;
  mode: string;
}

/** What a snapshot of files holds: which capture they are in. The contents are in the workspace's own store. */
export interface FileSnapshot {
  workspaceId: string;
  treeId: string;
  /** Its place in the workspace's chain of captures, where it has one. */
  position: number | null;
}

/** The files of workspaces, as captures see them (RB-031): what is ignored or unreadable is in none. */
export interface FilePort {
  capture(projectId: string, workspaceId: string): Promise<FileSnapshot>;
  /** All files of a capture, by path. */
  filesOf(projectId: string, snapshot: FileSnapshot): Promise<ReadonlyMap<string, FileState>>;
  /** These files as they are now; those that are not there are left out. */
  read(projectId: string, workspaceId: string, paths: readonly string[]): Promise<ReadonlyMap<string, FileState>>;
  /**
   * Puts a file there, byte for byte, or removes it.
   * @throws ROLLBACK_WRITE_STALE when something else stands there than expected
   */
  write(
    projectId: string,
    workspaceId: string,
    change: { path: string; target: FileState | null; expected: FileState | null },
    actor: string,
  ): Promise<void>;
}

/** The files of the workspace that a point belongs to. */
export function filePort(files: FilePort): StatePort {
  return {
    type: 'file',
    appliesTo: ({ workspaceId }) => workspaceId !== null,
    capture: (_executor, { projectId, workspaceId }) => files.capture(projectId, workspaceId as string),
    async itemsOf({ projectId }, data) {
      const all = await files.filesOf(projectId, data as FileSnapshot);
      return [...all].map(([key, value]) => ({ key, value }));
    },
    read: async ({ projectId, workspaceId }, keys) => new Map(await files.read(projectId, workspaceId as string, keys)),
    async write({ projectId, workspaceId }, { key, value, expected }, actor) {
      const change = { path: key, target: stateOf(value), expected: stateOf(expected) };
      await files.write(projectId, workspaceId as string, change, actor);
    },
  };
}

function stateOf(value: unknown): FileState | null {
  return (value as FileState | undefined) ?? null;
}
