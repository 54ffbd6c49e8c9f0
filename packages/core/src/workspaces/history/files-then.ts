import { join } from 'node:path';
import { z } from 'zod';
import type { Database, Executor } from '../../platform/database/index.ts';
import { SignalboxError } from '../../platform/errors/index.ts';
import { git } from '../capture/git.ts';
import { fileChangeSchema } from '../capture/index.ts';
import type { Captures } from '../captures.ts';
import { type WorkspaceCapture, workspaceCaptureSchema } from '../chain/index.ts';
import type { Workspace } from '../workspace.ts';
import type { FileContent } from '../workspace-files.ts';
import { captureAtPosition, captureBefore } from './capture-time-store.ts';

type Place = Pick<Workspace, 'id' | 'projectId' | 'path'>;

export const fileThenSchema = z.object({
  path: z.string(),
  /** `100644`, `100755` (executable) or `120000` (symbolic link). */
  mode: z.string(),
  oid: z.string(),
  size: z.int(),
});
export type FileThen = z.infer<typeof fileThenSchema>;

/** The files of a workspace as they were at some instant. */
export const filesThenSchema = z.object({
  /** The latest one taken at or before that instant. */
  capture: workspaceCaptureSchema,
  files: z.array(fileThenSchema),
  /** What differs from the capture before it; empty for the first one, and where the files of that were given up. */
  changes: z.array(fileChangeSchema),
});
export type FilesThen = z.infer<typeof filesThenSchema>;

/** Bytes of a file that are answered at most. */
const SHOWN = 1024 * 1024;
/** Where git looks for the byte that makes a file binary. */
const LOOKED_AT = 8000;

/** The first mebibyte of a file; no text for a binary one. */
export function shownContent(path: string, bytes: Buffer): FileContent {
  const binary = bytes.subarray(0, LOOKED_AT).includes(0);
  const text = binary ? null : bytes.subarray(0, SHOWN).toString('utf8');
  return { path, size: bytes.length, binary, truncated: bytes.length > SHOWN, text };
}

/** Looks at the files of workspaces as their chains of captures have them. */
export class FileHistory {
  readonly #database: Database;
  readonly #captures: Captures;
  readonly #directory: string;

  /** @param parts.directory where the stores of captures are kept. */
  constructor(parts: { database: Database; captures: Captures; directory: string }) {
    this.#database = parts.database;
    this.#captures = parts.captures;
    this.#directory = parts.directory;
  }

  /** The capture that stood at an instant; null where there was none yet. */
  captureAt(
    { projectId, id }: Pick<Place, 'id' | 'projectId'>,
    at: string,
    executor: Executor = this.#database,
  ): Promise<WorkspaceCapture | null> {
    return captureBefore(executor, projectId, id, at);
  }

  /** @throws CAPTURE_NOT_FOUND where there was none yet, or where its files were given up since */
  async at(workspace: Place, at: string): Promise<FilesThen> {
    const capture = await this.#standing(workspace, at);
    const before = await captureAtPosition(this.#database, workspace.projectId, workspace.id, capture.position - 1);
    const known = before !== null && (await this.#isThere(workspace, before));
    const changes = known ? await this.#captures.of(workspace).diff(before.treeId, capture.treeId) : [];
    return { capture, files: await this.#list(workspace, capture.treeId), changes };
  }

  /** The first mebibyte of one file; no text for a binary one. @throws CAPTURE_NOT_FOUND, FILE_NOT_FOUND */
  async content(workspace: Place, at: string, path: string): Promise<FileContent> {
    const { treeId } = await this.#standing(workspace, at);
    const found = (await this.#list(workspace, treeId, path)).find((file) => file.path === path);
    if (!found) throw new SignalboxError('FILE_NOT_FOUND', { path });
    return shownContent(path, await this.#git(workspace, ['cat-file', 'blob', found.oid]));
  }

  async #standing(workspace: Place, at: string): Promise<WorkspaceCapture> {
    const capture = await this.captureAt(workspace, at);
    if (capture && (await this.#isThere(workspace, capture))) return capture;
    const reason = capture ? 'its files were given up to keep the store small' : 'there was none yet';
    throw new SignalboxError('CAPTURE_NOT_FOUND', { id: workspace.id, at, reason });
  }

  /** One that was given up may still be held by name, since somebody refers to it. */
  async #isThere(workspace: Place, { prunedAt, treeId }: WorkspaceCapture): Promise<boolean> {
    return prunedAt === null || (await this.#captures.of(workspace).held()).includes(treeId);
  }

  /** Of the whole tree, or of one path in it. */
  async #list(workspace: Place, treeId: string, path?: string): Promise<FileThen[]> {
    const only = path === undefined ? [] : ['--', path];
    // `mode type oid size\tpath`, each.
    const listing = await this.#git(workspace, ['--literal-pathspecs', 'ls-tree', '-r', '-l', '-z', treeId, ...only]);
    return listing
      .toString('utf8')
      .split('\0')
      .flatMap((line) => {
        const [, mode, oid, size, name] = /^(\d+) blob ([0-9a-f]+) +(\d+)\t([\s\S]+)$/.exec(line) ?? [];
        return mode && oid && name ? [{ path: name, mode, oid, size: Number(size) }] : [];
      });
  }

  #git({ id }: Place, args: readonly string[]): Promise<Buffer> {
    const gitDir = join(this.#directory, `${id}.git`);
    return git(['--git-dir', gitDir, ...args], { cwd: gitDir });
  }
}
