import { createHash } from 'node:crypto';
import { copyFile, lstat, readFile, readlink, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { git, gitText } from './git.ts';

/** Refuses fewer names than git does by default: what other systems cannot hold is a file here. */
const TAKE_ALL_NAMES = ['-c', 'core.protectNTFS=false', '-c', 'core.protectHFS=false', '-c', 'core.ignoreCase=false'];
/** From this many files on that were hashed within the second of the index, it is worth to have them looked at again. */
const MANY_RACY = 100;

/** What git finds different from the index, as it lists it. */
export interface Differences {
  /** Paths that are gone, differ, or are new. */
  paths: string[];
  /** Directories of which nothing is in the index, as `path/`. */
  directories: string[];
}

/** Where the user says what is to be ignored, beside the `.gitignore` files themselves. */
export interface IgnoreFiles {
  /** `info/exclude` of the user's repository. */
  repository: string | null;
  /** `core.excludesFile` as the user's repository sets it; null leaves it to the user's own settings. */
  user: string | null;
}

/**
 * The private index of a store, which is at once the cache of file facts: git compares size, times, inode and mode of each
 * file with it, in one process and without reading contents. It survives a restart. Each holder works on a copy of its
 * own, so that several processes do not get in each other's way.
 *
 * Git compares times by the second. A file that changes again within the second in which it was hashed is read again by
 * git itself; one whose modification time was set back is not, so those are remembered here and read once more.
 */
export class PrivateIndex {
  readonly #gitDir: string;
  readonly #workTree: string;
  readonly #file: string;
  readonly #nowNs: () => bigint;
  /** Paths with what they held, whose time of modification tells nothing yet. */
  readonly #young = new Map<string, { oid: string; changedSecond: bigint }>();
  #opened = false;
  #refreshAfter: bigint | null = null;

  /** @param options.name of the holder, unique among those who use the store. */
  constructor(options: { gitDir: string; workTree: string; name: string; nowNs: () => bigint }) {
    this.#gitDir = options.gitDir;
    this.#workTree = options.workTree;
    this.#file = join(options.gitDir, `index.${options.name}`);
    this.#nowNs = options.nowNs;
  }

  /** Paths in it. */
  async paths(): Promise<string[]> {
    await this.#open();
    return words(await git([...TAKE_ALL_NAMES, 'ls-files', '-z'], this.#call()));
  }

  /** What differs from it. Directories of which nothing is known are named, not entered. */
  async differences(ignored: IgnoreFiles): Promise<Differences> {
    await this.#open();
    await this.#refresh();
    const found = await this.#others(ignored, ['-m', '-d', '--directory'], []);
    return { ...found, paths: [...new Set([...(await this.#stale()), ...found.paths])] };
  }

  /** All files below directories that are not in it; as directories, the repositories nested there. */
  files(ignored: IgnoreFiles, directories: readonly string[]): Promise<Differences> {
    return this.#others(ignored, [], directories);
  }

  /** Directories, below some or everywhere, of which nothing is in it. */
  async unknownDirectories(ignored: IgnoreFiles, below: readonly string[]): Promise<string[]> {
    return (await this.#others(ignored, ['--directory'], below)).directories;
  }

  /** Takes these paths as they are now; those that are gone leave it. Rejects when one of them cannot be read. */
  async take(paths: readonly string[]): Promise<void> {
    if (paths.length === 0) return;
    await this.#open();
    const input = `${paths.join('\0')}\0`;
    const again = paths.filter((path) => this.#young.delete(path));
    // Git would believe the times of these; without an entry it reads them.
    if (again.length > 0) await this.#remove(again);
    await git(
      [...TAKE_ALL_NAMES, 'update-index', '--add', '--remove', '--replace', '-z', '--stdin'],
      this.#call(input),
    );
    await this.#remember(paths);
  }

  /** Drops paths, whether they are there or not. */
  async drop(paths: readonly string[]): Promise<void> {
    if (paths.length === 0) return;
    await this.#open();
    for (const path of paths) this.#young.delete(path);
    await this.#remove(paths);
  }

  /** The tree of all that is in it. */
  writeTree(): Promise<string> {
    return gitText([...TAKE_ALL_NAMES, 'write-tree', '--missing-ok'], this.#call());
  }

  /** Leaves it for the next holder. */
  async keep(): Promise<void> {
    const copy = `${this.#file}.kept`;
    if (await copyWithTimes(this.#file, copy)) await rename(copy, join(this.#gitDir, 'index'));
  }

  /** Forgets it: everything will be read anew. */
  async reset(): Promise<void> {
    this.#young.clear();
    this.#opened = true;
    await rm(`${this.#file}.lock`, { force: true });
    await rm(this.#file, { force: true });
  }

  async #open(): Promise<void> {
    if (this.#opened) return;
    await rm(`${this.#file}.lock`, { force: true });
    await copyWithTimes(join(this.#gitDir, 'index'), this.#file);
    this.#opened = true;
  }

  async #remove(paths: readonly string[]): Promise<void> {
    const lines = paths.map((path) => `0 ${'0'.repeat(40)}\t${path}\0`);
    await git([...TAKE_ALL_NAMES, 'update-index', '-z', '--index-info'], this.#call(lines.join('')));
  }

  /** After many files were hashed in the second in which they were written, git would read them on each look. */
  async #refresh(): Promise<void> {
    if (this.#refreshAfter === null || second(this.#nowNs()) <= this.#refreshAfter) return;
    this.#refreshAfter = null;
    // It reports what differs by its exit code; that is found anyway.
    await git([...TAKE_ALL_NAMES, 'update-index', '-q', '--refresh', '--force-write-index'], this.#call()).catch(
      () => undefined,
    );
  }

  async #remember(paths: readonly string[]): Promise<void> {
    const written = await stat(this.#file, { bigint: true }).catch(() => null);
    if (written === null) return;
    const writtenSecond = second(written.mtimeNs);
    let racy = 0;
    const young = new Map<string, bigint>();
    for (const path of paths) {
      const facts = await lstat(join(this.#workTree, path), { bigint: true }).catch(() => null);
      if (facts === null || second(facts.ctimeNs) < writtenSecond) continue;
      if (second(facts.mtimeNs) >= writtenSecond) racy += 1;
      else young.set(path, second(facts.ctimeNs));
    }
    if (racy > MANY_RACY) this.#refreshAfter = writtenSecond;
    if (young.size === 0) return;
    // `mode oid stage\tpath`
    for (const line of words(await git([...TAKE_ALL_NAMES, 'ls-files', '-s', '-z'], this.#call()))) {
      const tab = line.indexOf('\t');
      const changedSecond = young.get(line.slice(tab + 1));
      const oid = line.split(' ', 2)[1];
      if (changedSecond !== undefined && oid !== undefined)
        this.#young.set(line.slice(tab + 1), { oid, changedSecond });
    }
  }

  async #others(ignored: IgnoreFiles, options: readonly string[], below: readonly string[]): Promise<Differences> {
    const settings = ignored.user === null ? [] : ['-c', `core.excludesFile=${ignored.user}`];
    const excludes = ignored.repository === null ? [] : [`--exclude-from=${ignored.repository}`];
    const command = ['ls-files', '-z', '-o', ...options, '--exclude-standard', ...excludes, '--', ...below];
    const found = words(await git([...TAKE_ALL_NAMES, ...settings, ...command], { ...this.#call(), asUser: true }));
    return {
      paths: found.filter((path) => !path.endsWith('/')),
      directories: found.filter((path) => path.endsWith('/')),
    };
  }

  /** Of the young ones, those that hold something else by now. */
  async #stale(): Promise<string[]> {
    const stale: string[] = [];
    const now = second(this.#nowNs());
    for (const [path, { oid, changedSecond }] of this.#young) {
      const full = join(this.#workTree, path);
      const facts = await lstat(full, { bigint: true }).catch(() => null);
      const held = facts === null ? null : await blobOf(full, facts.isSymbolicLink());
      if (held !== oid) stale.push(path);
      else if (now > changedSecond) this.#young.delete(path);
    }
    return stale;
  }

  #call(input?: string) {
    const env = {
      GIT_DIR: this.#gitDir,
      GIT_WORK_TREE: this.#workTree,
      GIT_INDEX_FILE: this.#file,
      GIT_LITERAL_PATHSPECS: '1',
    };
    return { cwd: this.#workTree, env, ...(input === undefined ? {} : { input }) };
  }
}

/** Git's object id of some bytes as the content of a file. */
export function blobId(bytes: Uint8Array): string {
  return createHash('sha1').update(`blob ${bytes.byteLength}\0`).update(bytes).digest('hex');
}

async function blobOf(path: string, symbolic: boolean): Promise<string | null> {
  const bytes = await (symbolic ? readlink(path, { encoding: 'buffer' }) : readFile(path)).catch(() => null);
  return bytes === null ? null : blobId(bytes);
}

/** Copies an index so that it looks no younger: what was racy must stay so. False where there is none. */
async function copyWithTimes(from: string, to: string): Promise<boolean> {
  const facts = await stat(from).catch(() => null);
  if (facts === null) return false;
  await copyFile(from, to);
  const at = Math.floor(facts.mtimeMs / 1000);
  await utimes(to, at, at);
  return true;
}

function second(ns: bigint): bigint {
  return ns / 1_000_000_000n;
}

function words(output: Buffer): string[] {
  return output
    .toString('utf8')
    .split('\0')
    .filter((word) => word !== '');
}
