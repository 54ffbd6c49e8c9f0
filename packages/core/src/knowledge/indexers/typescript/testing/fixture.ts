import { createHash } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import type { SourceFileState } from '../../file-facts.ts';

/** A directory with these files. The caller removes it. */
export function writeSources(files: Readonly<Record<string, string>>): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'signalbox-sources-')));
  for (const [path, text] of Object.entries(files)) writeSource(root, path, text);
  return root;
}

export function writeSource(root: string, path: string, text: string | null): void {
  const file = join(root, path);
  if (text === null) {
    rmSync(file, { force: true });
    return;
  }
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** All files below some directories, as an indexer is told of them. */
export function statesOf(root: string, below: readonly string[] = ['']): SourceFileState[] {
  const paths = below.flatMap((directory) =>
    readdirSync(join(root, directory), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.parentPath.includes('node_modules'))
      .map((entry) => relative(root, join(entry.parentPath, entry.name))),
  );
  return [...new Set(paths)].sort().map((path) => stateOf(root, path));
}

export function stateOf(root: string, path: string): SourceFileState {
  const { size, mtime, birthtime } = statSync(join(root, path));
  const hash = createHash('sha256')
    .update(readFileSync(join(root, path)))
    .digest('hex');
  return { path, hash, size, modifiedAt: mtime.toISOString(), createdAt: birthtime.toISOString() };
}
