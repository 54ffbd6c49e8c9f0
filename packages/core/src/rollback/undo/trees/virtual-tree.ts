import type { FileState } from '../undo.ts';
import { DIRECTORY_MODE, type TreeCache, type TreeEntry } from './tree-cache.ts';

/** A directory: its entries once they were needed, and its id as long as it was not changed. */
interface Directory {
  oid: string | null;
  entries: Map<string, Directory | FileState> | null;
}

/**
 * A tree that can be changed path by path; only the directories on the way are read, and only changed ones written
 * again. Changes are made one after the other.
 */
export class VirtualTree {
  readonly #cache: TreeCache;
  #root: Directory;

  constructor(cache: TreeCache, tree: string) {
    this.#cache = cache;
    this.#root = { oid: tree, entries: null };
  }

  /** Becomes another tree. */
  become(tree: string): void {
    this.#root = { oid: tree, entries: null };
  }

  /** What a path is: `blocked` where a file stands on the way to it. */
  async look(path: string): Promise<FileState | 'directory' | 'absent' | 'blocked'> {
    let directory = this.#root;
    const names = path.split('/');
    for (const [index, name] of names.entries()) {
      const entry = (await this.#entries(directory)).get(name);
      if (!entry) return 'absent';
      if (index === names.length - 1) return isDirectory(entry) ? 'directory' : entry;
      if (!isDirectory(entry)) return 'blocked';
      directory = entry;
    }
    return 'absent';
  }

  /** Id of a directory; null where none stands. */
  async directory(path: string): Promise<string | null> {
    let directory = this.#root;
    for (const name of path.split('/')) {
      const entry = (await this.#entries(directory)).get(name);
      if (!entry || !isDirectory(entry)) return null;
      directory = entry;
    }
    return this.#write(directory);
  }

  async get(path: string): Promise<FileState | null> {
    const found = await this.look(path);
    return typeof found === 'string' ? null : found;
  }

  /**
   * Puts a file, in place of whatever stands at the path or on the way to it; with null takes away what stands there,
   * and all below it.
   */
  async set(path: string, file: FileState | null): Promise<void> {
    const names = path.split('/');
    await this.#set(this.#root, names, file);
  }

  /** Its id, with all that was changed written to the store. */
  async write(): Promise<string> {
    return this.#write(this.#root);
  }

  async #set(directory: Directory, names: readonly string[], file: FileState | null): Promise<void> {
    const [name, ...rest] = names as [string, ...string[]];
    const entries = await this.#entries(directory);
    if (rest.length === 0) {
      if (!file && !entries.has(name)) return;
      if (file) entries.set(name, { mode: file.mode, oid: file.oid });
      else entries.delete(name);
      directory.oid = null;
      return;
    }
    let below = entries.get(name);
    if (!below || !isDirectory(below)) {
      if (!file) return;
      below = { oid: null, entries: new Map() };
      entries.set(name, below);
    }
    await this.#set(below, rest, file);
    if (below.oid !== null) return;
    // Git knows no empty directories.
    if (below.entries?.size === 0) entries.delete(name);
    directory.oid = null;
  }

  async #entries(directory: Directory): Promise<Map<string, Directory | FileState>> {
    if (!directory.entries) {
      const read = await this.#cache.read(directory.oid as string);
      directory.entries = new Map([...read].map(([name, entry]) => [name, fromEntry(entry)]));
    }
    return directory.entries;
  }

  async #write(directory: Directory): Promise<string> {
    if (directory.oid === null) {
      const entries = new Map<string, TreeEntry>();
      for (const [name, entry] of directory.entries ?? []) {
        entries.set(name, isDirectory(entry) ? { mode: DIRECTORY_MODE, oid: await this.#write(entry) } : entry);
      }
      directory.oid = this.#cache.write(entries);
    }
    return directory.oid;
  }
}

function isDirectory(entry: Directory | FileState): entry is Directory {
  return 'entries' in entry;
}

function fromEntry(entry: TreeEntry): Directory | FileState {
  return entry.mode === DIRECTORY_MODE ? { oid: entry.oid, entries: null } : { mode: entry.mode, oid: entry.oid };
}
