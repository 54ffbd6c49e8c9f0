import type { FileContent } from '../../workspaces/index.ts';
import type { FileWrite } from '../undo/index.ts';
import type { StatePort, WriteOrigin } from './state-port.ts';

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
  /** What is in one of them. @throws FILE_NOT_FOUND */
  content(projectId: string, snapshot: FileSnapshot, path: string): Promise<FileContent>;
  /** When each of these files last changed up to this capture, as ISO 8601; those that have never been seen to change are left out. */
  changedAt(projectId: string, snapshot: FileSnapshot, paths: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** These files as they are now; those that are not there are left out. */
  read(projectId: string, workspaceId: string, paths: readonly string[]): Promise<ReadonlyMap<string, FileState>>;
  /**
   * Puts files there, byte for byte, or removes them: all by one plan that is stored before the first of them is written.
   * Answers the paths at which something else stood than expected; they are as they were.
   * @throws ROLLBACK_FILES_NOT_RESTORED when that failed midway: then what it had written went back
   */
  restore(
    projectId: string,
    workspaceId: string,
    writes: readonly FileWrite[],
    origin: WriteOrigin & { sessionId: string | null },
  ): Promise<readonly string[]>;
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
    content: ({ projectId }, data, key) => files.content(projectId, data as FileSnapshot, key),
    changedAt: ({ projectId }, data, keys) => files.changedAt(projectId, data as FileSnapshot, keys),
    read: async ({ projectId, workspaceId }, keys) => new Map(await files.read(projectId, workspaceId as string, keys)),
    together: true,
    write({ projectId, workspaceId, sessionId }, writes, origin) {
      const changes = writes.map(({ key, value, expected, companion }) => ({
        path: key,
        target: stateOf(value),
        expected: stateOf(expected),
        ...(companion === undefined ? {} : { companion }),
      }));
      return files.restore(projectId, workspaceId as string, changes, { ...origin, sessionId });
    },
  };
}

function stateOf(value: unknown): FileState | null {
  return (value as FileState | undefined) ?? null;
}
