import { open, readdir, stat } from 'node:fs/promises';
import { SignalboxError } from '../platform/errors/index.ts';
import { confine } from './workspace-path.ts';

/** Longest part of a file that is read for showing, in bytes. */
const READ_LIMIT = 1_048_576;

export interface FileEntry {
  name: string;
  kind: 'file' | 'directory' | 'symlink' | 'other';
}

export interface FileContent {
  path: string;
  /** Bytes of the whole file. */
  size: number;
  binary: boolean;
  /** True when only the first mebibyte is in `text`. */
  truncated: boolean;
  /** Null for a binary file. */
  text: string | null;
}

/** @throws PATH_OUTSIDE_WORKSPACE, FILE_NOT_FOUND */
export async function listDirectory(workspacePath: string, path: string): Promise<FileEntry[]> {
  const directory = await confine(workspacePath, path);
  const entries = await readdir(directory, { withFileTypes: true }).catch((error) => notFound(path, error));
  return entries
    .map(
      (entry): FileEntry => ({
        name: entry.name,
        kind: entry.isFile()
          ? 'file'
          : entry.isDirectory()
            ? 'directory'
            : entry.isSymbolicLink()
              ? 'symlink'
              : 'other',
      }),
    )
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** @throws PATH_OUTSIDE_WORKSPACE, FILE_NOT_FOUND */
export async function readFileText(workspacePath: string, path: string): Promise<FileContent> {
  const file = await confine(workspacePath, path);
  // A pipe or device would hang the reader, so only regular files are opened.
  const facts = await stat(file).catch((error) => notFound(path, error));
  if (!facts.isFile()) return notFound(path, new Error('not a regular file'));
  const handle = await open(file, 'r').catch((error) => notFound(path, error));
  try {
    const buffer = Buffer.alloc(Math.min(facts.size, READ_LIMIT));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
    const bytes = buffer.subarray(0, bytesRead);
    const binary = bytes.subarray(0, 8000).includes(0);
    return {
      path,
      size: facts.size,
      binary,
      truncated: facts.size > bytesRead,
      text: binary ? null : bytes.toString('utf8'),
    };
  } finally {
    await handle.close();
  }
}

function notFound(path: string, cause: unknown): never {
  throw new SignalboxError('FILE_NOT_FOUND', { path }, { cause });
}
