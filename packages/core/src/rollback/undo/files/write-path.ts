import { chmod, mkdir, open, rename, rmdir, symlink, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SignalboxError } from '../../../platform/errors/index.ts';
import { factsOf, missingAbove, pathState } from './path-state.ts';
import { DIRECTORY, type PathState, sameState } from './planned-write.ts';

export interface PathWriter {
  /** The workspace's directory. */
  root: string;
  undoId: string;
  read: (oid: string) => Promise<Buffer>;
  /** Called before each step on a file; tests fail or die here. */
  beforeStep?: (step: WriteStep, path: string) => void | Promise<void>;
}
/** `record` comes once, when all is written; then `commit` where one was asked for. */
export type WriteStep = 'check' | 'content' | 'rename' | 'remove' | 'directory' | 'record' | 'commit';

/** The temporary file beside a path: found again after a crash. */
export function temporaryPath(undoId: string, path: string, ordinal: number): string {
  return join(dirname(path), `.signalbox-undo-${undoId}-${ordinal}`);
}

/**
 * Brings a path from one state to another: the content into a temporary file beside it, to the disk, then over the old
 * one in a single step. What stands there is hashed again just before that. Answers false for a directory that is not
 * empty, or there already: it stays. @throws UNDO_PATH_CHANGED, UNDO_PATH_UNSAFE
 */
export async function writePath(
  writer: PathWriter,
  write: { path: string; ordinal: number; from: PathState; to: PathState },
): Promise<boolean> {
  const { path, ordinal, from, to } = write;
  const full = join(writer.root, path);
  await writer.beforeStep?.('check', path);
  const missing = await missingAbove(writer.root, path);
  if (to?.mode === DIRECTORY) {
    await writer.beforeStep?.('directory', path);
    if (from) await takeAway(writer, path, full, from);
    return makeDirectory(full);
  }
  if (!to) {
    if (from?.mode !== DIRECTORY) return takeAway(writer, path, full, from);
    await writer.beforeStep?.('directory', path);
    return removeDirectory(full);
  }
  // Made here only where something removed them since the plan: its own directories come before their files.
  for (const directory of missing) await makeDirectory(join(writer.root, directory));
  if (from?.oid === to.oid && from.mode !== '120000' && to.mode !== '120000') {
    await expectState(writer.root, path, from);
    await writer.beforeStep?.('rename', path);
    await chmod(full, permissions(to.mode, await permissionsAt(full)));
    return true;
  }
  const temporary = join(writer.root, temporaryPath(writer.undoId, path, ordinal));
  await removeFile(temporary);
  await writer.beforeStep?.('content', path);
  await putContent(temporary, await writer.read(to.oid as string), to.mode, await permissionsAt(full));
  try {
    await writer.beforeStep?.('rename', path);
    await expectState(writer.root, path, from);
    if (from?.mode === DIRECTORY) await rmdir(full);
    await rename(temporary, full);
  } catch (error) {
    await removeFile(temporary);
    throw error;
  }
  await syncDirectory(dirname(full));
  return true;
}

async function takeAway(writer: PathWriter, path: string, full: string, from: PathState): Promise<boolean> {
  await writer.beforeStep?.('remove', path);
  await expectState(writer.root, path, from);
  if (!from) return true;
  await unlink(full);
  await syncDirectory(dirname(full));
  return true;
}

async function putContent(file: string, content: Buffer, mode: string, standing: number | undefined): Promise<void> {
  if (mode === '120000') {
    await symlink(content, file);
    return;
  }
  const handle = await open(file, 'wx', 0o600);
  try {
    await handle.writeFile(content);
    await handle.chmod(permissions(mode, standing));
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Of a link they say nothing. */
async function permissionsAt(full: string): Promise<number | undefined> {
  const facts = await factsOf(full);
  return facts?.isFile() ? facts.mode : undefined;
}

/** Those of the file that stands there, or of any new file, and executable by whoever may read it or not at all. */
function permissions(mode: string, standing: number | undefined): number {
  const base = (standing === undefined ? 0o666 & ~process.umask() : standing) & 0o777;
  const executable = mode === '100755' ? ((base & 0o444) >> 2) | 0o100 : 0;
  return (base & 0o666) | executable | (mode === '100755' ? base & 0o111 : 0);
}

async function expectState(root: string, path: string, expected: PathState): Promise<void> {
  const found = await pathState(root, path);
  if (found === 'other' || !sameState(found, expected)) throw new SignalboxError('UNDO_PATH_CHANGED', { path });
}

async function makeDirectory(full: string): Promise<boolean> {
  try {
    await mkdir(full);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
}

/** What is in it is not in our plan (ignored files, a neighbour's): then it stays. */
async function removeDirectory(full: string): Promise<boolean> {
  try {
    await rmdir(full);
    return true;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT', 'ENOTDIR'].includes(code)) throw error;
    return false;
  }
}

export async function removeFile(full: string): Promise<void> {
  await unlink(full).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
  });
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
