import { type BigIntStats, constants, lstatSync } from 'node:fs';
import { chmod, mkdir, open, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { LRUCache } from 'lru-cache';
import { SignalboxError } from '../../platform/errors/index.ts';
import { blameVersions } from './blame-versions.ts';
import { type CaptureLimits, DEFAULT_CAPTURE_LIMITS } from './capture-limits.ts';
import { emptiedDirectories, emptyDirectoriesBelow } from './empty-directories.ts';
import { listFiles } from './file-list.ts';
import { git, gitText } from './git.ts';
import { IgnoreRules } from './ignore-rules.ts';
import { heldTrees, packStore, storeSize } from './pack-store.ts';
import { PrivateIndex } from './private-index.ts';
import { syntheticTree, type TreeEntry } from './synthetic-tree.ts';
import { diffTrees, type FileChange } from './tree-diff.ts';
import { findUserRepository, NO_REPOSITORY, type RepositoryState, readRepositoryState } from './user-repository.ts';

/** The whole state of a workspace's files at one moment, as a git tree in the workspace's private store. */
export interface Capture {
  treeId: string;
  files: number;
  /** Sum of the sizes of the files. */
  bytes: number;
  /** Paths that could not be read, kept changing, or are over the limits; never fatal. */
  unreadable: string[];
  /** Directories without anything in them. */
  emptyDirectories: string[];
  /** Where the user's own version control stood. */
  repository: RepositoryState;
}

/** Wins over every `.gitattributes` in the tree: captures are raw bytes. */
const RAW_ATTRIBUTES = '* -text -filter -ident -working-tree-encoding\n';
/** Compressed lightly when written, as agents wait for it; well when packed. */
const STORE_SETTINGS = `[core]
\trepositoryformatversion = 0
\tfilemode = true
\tbare = true
\tlooseCompression = 1
\tlogAllRefUpdates = false
[gc]
\tauto = 0
`;
/** Files looked at in one go before others get their turn. */
const LOOK_CHUNK = 500;
const KEPT_DIFFS = 16;
const NOTHING = { paths: [], directories: [] };
/** A copy of an index that nobody wrote for so long is of a holder that is gone, in milliseconds. */
const OLD_COPY_MS = 2 * 24 * 3600 * 1000;

/**
 * Private bare store of one workspace (mode 0700): the user's own repository, index and HEAD are never touched, and
 * none is needed (design.md §5). One at a time per workspace; calls queue.
 *
 * The first capture lists everything by the user's own rules. Later ones ask git what differs from the private index,
 * and list anew only where those rules, or what the user tracks, may have changed.
 */
export class CaptureRepository {
  /** Where the store lies. */
  readonly gitDir: string;
  readonly #workspaceId: string;
  readonly #workspacePath: string;
  readonly #nowNs: () => bigint;
  readonly #limits: CaptureLimits;
  readonly #index: PrivateIndex;
  readonly #rules: IgnoreRules;
  readonly #diffs = new LRUCache<string, FileChange[]>({ max: KEPT_DIFFS });
  /** Whether the index has something that its kept copy has not. */
  #dirty = false;
  /** The tree of the index, as long as nothing was put into it or taken out: most captures find nothing changed. */
  #treeId: string | null = null;
  /** Bytes of each file in the index. */
  #sizes = new Map<string, number>();
  #bytes = 0;
  #leftOut = new Set<string>();
  /** What the listing depended on: as long as it stays, looking for differences is enough. */
  #listedUnder: string | null = null;
  #queue: Promise<unknown> = Promise.resolve();
  #ready = false;

  constructor(options: {
    workspaceId: string;
    workspacePath: string;
    gitDir: string;
    /** Of this holder, unique among those who use the store. */
    name: string;
    nowNs: () => bigint;
    limits?: CaptureLimits;
  }) {
    this.gitDir = options.gitDir;
    this.#workspaceId = options.workspaceId;
    this.#workspacePath = options.workspacePath;
    this.#nowNs = options.nowNs;
    this.#limits = options.limits ?? DEFAULT_CAPTURE_LIMITS;
    this.#index = new PrivateIndex({
      gitDir: options.gitDir,
      workTree: options.workspacePath,
      name: options.name,
      nowNs: options.nowNs,
    });
    this.#rules = new IgnoreRules(options.workspacePath);
  }

  /** Captures the files as they are now. Unchanged files are not read again. @throws WORKSPACE_CAPTURE_FAILED */
  capture(): Promise<Capture> {
    const taken = this.alone(() => this.#capture());
    // After the answer: nobody waits for what only the next start has a use for.
    this.#queue = this.#queue.then(() => this.#keep());
    return taken;
  }

  /** Runs `work` while no capture is under way in this process: for what rearranges the store. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#queue.then(work);
    this.#queue = next.catch(() => undefined);
    return next;
  }

  /** What changed from one tree to another. @throws WORKSPACE_CAPTURE_FAILED */
  async diff(before: string, after: string, { renames = true } = {}): Promise<FileChange[]> {
    const key = `${before}:${after}:${renames}`;
    try {
      const changes = this.#diffs.get(key) ?? (await diffTrees(this.gitDir, before, after, { renames }));
      this.#diffs.set(key, changes);
      return changes;
    } catch (error) {
      throw this.#failed(error);
    }
  }

  /** The content of an object of the store; null where it was given up. @throws CAPTURE_STORE_BROKEN */
  async read(oid: string): Promise<Buffer | null> {
    try {
      return await git(['cat-file', 'blob', oid], this.#call());
    } catch (error) {
      if (await this.#gaveUp(oid)) return null;
      throw this.#broken(error);
    }
  }

  /** Whether the store, which is in order, does not hold an object: one that cannot be read is there all the same. */
  async #gaveUp(oid: string): Promise<boolean> {
    const accepts = (code: number) => code === 1;
    return git(['cat-file', '-e', oid], { ...this.#call(), accepts }).then(
      () => true,
      () => false,
    );
  }

  /** Which of these objects the store holds. @throws CAPTURE_STORE_BROKEN */
  async kept(oids: readonly (string | null)[]): Promise<Set<string>> {
    const asked = [...new Set(oids.filter((oid) => oid !== null))];
    if (asked.length === 0) return new Set();
    const call = { ...this.#call(), input: asked.map((oid) => `${oid}\n`).join('') };
    const text = await gitText(['cat-file', '--batch-check=%(objectname)'], call).catch((error) => {
      throw this.#broken(error);
    });
    const lines = text.split('\n');
    return new Set(lines.filter((line) => !line.endsWith(' missing')));
  }

  /** Object id of a file in a tree; null where there is none. */
  async fileAt(treeId: string, path: string): Promise<string | null> {
    // `mode type oid\tpath`
    const call = { ...this.#call(), env: { ...this.#call().env, GIT_LITERAL_PATHSPECS: '1' } };
    const [line] = (await gitText(['ls-tree', '-z', treeId, '--', path], call)).split('\0');
    const [, type, oid] = line?.split(/[ \t]/, 3) ?? [];
    return type === 'blob' && oid !== undefined ? oid : null;
  }

  /** A tree of exactly these files. @param scratch unique in the store. */
  treeOf(entries: readonly TreeEntry[], scratch: string): Promise<string> {
    return syntheticTree(this.gitDir, join(this.gitDir, `index.${scratch}`), entries);
  }

  /** For each line of the last of these contents, which one it comes from; see {@link blameVersions}. */
  blame(oids: readonly (string | null)[], scratch: string): Promise<number[]> {
    return blameVersions(this.gitDir, oids, scratch);
  }

  /** Packs the store, and drops what none of the trees holds that `keep` names. @throws WORKSPACE_CAPTURE_FAILED */
  pack(keep: () => Promise<readonly string[]>): Promise<void> {
    return this.alone(async () => {
      try {
        await this.#prepare();
        // What is not kept may go, and with it the tree that was written last.
        this.#treeId = null;
        await packStore(this.gitDir, await keep());
      } catch (error) {
        throw this.#failed(error);
      }
    });
  }

  /** Trees that the last packing has kept. */
  held(): Promise<string[]> {
    return heldTrees(this.gitDir);
  }

  /** Bytes that the store takes. */
  size(): Promise<number> {
    return this.alone(async () => {
      await this.#prepare();
      return storeSize(this.gitDir);
    });
  }

  #call() {
    return { cwd: this.gitDir, env: { GIT_DIR: this.gitDir } };
  }

  async #capture(): Promise<Capture> {
    try {
      await this.#prepare();
      const found = await findUserRepository(this.#workspacePath);
      const repository = found ? await readRepositoryState(found) : NO_REPOSITORY;
      const under = await this.#rules.fingerprint(found, repository.indexHash);
      let emptyDirectories = this.#listedUnder === under ? await this.#takeDifferences() : null;
      if (emptyDirectories === null) {
        emptyDirectories = await this.#takeAll();
        // Above the root of the user's work tree, and in nested repositories, there are rules that the index knows nothing of.
        const plain = found === null || found.root === this.#workspacePath;
        const now = await this.#rules.fingerprint(found, repository.indexHash);
        this.#listedUnder = plain && !this.#rules.nested ? now : null;
      }
      this.#treeId ??= await this.#index.writeTree();
      const treeId = this.#treeId;
      const files = this.#sizes.size;
      return {
        treeId,
        files,
        bytes: this.#bytes,
        unreadable: [...this.#leftOut].sort(),
        emptyDirectories: emptyDirectories.sort(),
        repository,
      };
    } catch (error) {
      this.#listedUnder = null;
      this.#treeId = null;
      await this.#index.reset();
      throw this.#failed(error);
    }
  }

  /** Takes what git finds different; answers the empty directories, or null where everything must be listed anew. */
  async #takeDifferences(): Promise<string[] | null> {
    const ignored = this.#rules.files;
    const { paths, directories } = await this.#index.differences(ignored);
    // Where a file has become a directory, what is in it shows only once the file is not known any more.
    const replaced = paths.filter((path) => isDirectory(join(this.#workspacePath, path)));
    await this.#take(replaced);
    const unknown = [...directories, ...replaced.map((path) => `${path}/`)];
    const inside = unknown.length === 0 ? NOTHING : await this.#index.files(ignored, unknown);
    if (inside.directories.length > 0) return null;
    const changed = [...paths, ...inside.paths].filter((path) => !replaced.includes(path));
    if (changed.some((path) => basename(path) === '.gitignore' || !isText(path))) return null;
    const gone = await this.#take(changed);
    const entered = unknown.filter((directory) => inside.paths.some((path) => path.startsWith(directory)));
    const empty = unknown.filter((directory) => !entered.includes(directory));
    if (entered.length > 0) empty.push(...(await this.#index.unknownDirectories(ignored, entered)));
    const found = await emptyDirectoriesBelow(this.#workspacePath, empty);
    return [...new Set([...found, ...(await emptiedDirectories(this.#workspacePath, gone))])];
  }

  /** Takes all there is by the user's own rules; answers the empty directories. */
  async #takeAll(): Promise<string[]> {
    const listed = await listFiles(this.#workspacePath, this.gitDir);
    this.#treeId = null;
    this.#rules.nested = listed.nested;
    await this.#rules.read();
    const wanted = new Set(listed.paths);
    this.#sizes = new Map();
    this.#bytes = 0;
    this.#leftOut = new Set(listed.paths.filter((path) => !isText(path)));
    await this.#index.drop((await this.#index.paths()).filter((path) => !wanted.has(path)));
    await this.#take(listed.paths.filter(isText));
    const unknown = await this.#index.unknownDirectories(this.#rules.files, []);
    return emptyDirectoriesBelow(this.#workspacePath, unknown);
  }

  /** Takes these paths as they are now, those over the limits or unreadable left out. Answers what is gone. */
  async #take(paths: readonly string[]): Promise<string[]> {
    if (paths.length > 0) this.#treeId = null;
    for (const path of paths) {
      this.#leftOut.delete(path);
      this.#forget(path);
    }
    const taken: string[] = [];
    const gone: string[] = [];
    for (const [at, path] of paths.entries()) {
      if (at % LOOK_CHUNK === LOOK_CHUNK - 1) await new Promise((resolve) => setImmediate(resolve));
      const facts = factsOf(join(this.#workspacePath, path));
      const size = Number(facts?.size ?? 0);
      if (facts === null) gone.push(path);
      else if (size > this.#limits.fileBytes || this.#bytes + size > this.#limits.treeBytes) this.#leftOut.add(path);
      else {
        this.#bytes += size;
        this.#sizes.set(path, size);
        taken.push(path);
      }
    }
    await this.#index.drop([...gone, ...paths.filter((path) => this.#leftOut.has(path))]);
    for (const path of await this.#takeReadable(taken)) {
      this.#forget(path);
      this.#leftOut.add(path);
    }
    this.#dirty ||= paths.length > 0;
    return gone;
  }

  #forget(path: string): void {
    this.#bytes -= this.#sizes.get(path) ?? 0;
    this.#sizes.delete(path);
  }

  /** Takes what can be read; answers what cannot. One such file makes git give up, so it is found by halving. */
  async #takeReadable(paths: readonly string[]): Promise<string[]> {
    try {
      await this.#index.take(paths);
      return [];
    } catch (error) {
      if (paths.length > 1) {
        const middle = Math.ceil(paths.length / 2);
        const first = await this.#takeReadable(paths.slice(0, middle));
        return first.concat(await this.#takeReadable(paths.slice(middle)));
      }
      // What can be opened and read was refused for another reason, such as a full disk.
      const [path] = paths as [string];
      const changing = error instanceof Error && error.message.includes('short read');
      if (!changing && (await readable(join(this.#workspacePath, path)))) throw error;
      await this.#index.drop(paths);
      return [path];
    }
  }

  /** A copy that cannot be kept costs time after a restart, and nothing else. */
  async #keep(): Promise<void> {
    if (!this.#dirty) return;
    this.#dirty = false;
    await this.#index.keep().catch(() => undefined);
  }

  async #prepare(): Promise<void> {
    if (this.#ready) return;
    await mkdir(this.gitDir, { recursive: true, mode: 0o700 });
    await chmod(this.gitDir, 0o700);
    const there = await stat(join(this.gitDir, 'HEAD')).catch(() => null);
    if (there === null) await this.#makeStore();
    await mkdir(join(this.gitDir, 'info'), { recursive: true });
    await writeFile(join(this.gitDir, 'info', 'attributes'), RAW_ATTRIBUTES);
    await this.#clearOldCopies();
    this.#ready = true;
  }

  /** Written by hand: `git init` and a `git config` for each setting would start a program five times. HEAD is what tells that it is whole. */
  async #makeStore(): Promise<void> {
    await mkdir(join(this.gitDir, 'objects'), { recursive: true });
    await mkdir(join(this.gitDir, 'refs'), { recursive: true });
    await writeFile(join(this.gitDir, 'config'), STORE_SETTINGS);
    await writeFile(join(this.gitDir, 'HEAD'), 'ref: refs/heads/main\n');
  }

  async #clearOldCopies(): Promise<void> {
    for (const name of await readdir(this.gitDir)) {
      if (!name.startsWith('index.')) continue;
      const facts = await stat(join(this.gitDir, name)).catch(() => null);
      const age = facts === null ? 0 : Number(this.#nowNs() / 1_000_000n) - facts.ctimeMs;
      if (age > OLD_COPY_MS) await rm(join(this.gitDir, name), { force: true });
    }
  }

  #broken(error: unknown): SignalboxError {
    const about = { id: this.#workspaceId, directory: this.gitDir, reason: reasonOf(error) };
    return new SignalboxError('CAPTURE_STORE_BROKEN', about, { cause: error });
  }

  #failed(error: unknown): unknown {
    if (SignalboxError.is(error)) return error;
    const reason = reasonOf(error);
    return new SignalboxError('WORKSPACE_CAPTURE_FAILED', { id: this.#workspaceId, reason }, { cause: error });
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Null where nothing is there that a tree can hold. */
function factsOf(path: string): BigIntStats | null {
  const facts = lookAt(path);
  return facts && (facts.isFile() || facts.isSymbolicLink()) ? facts : null;
}

function isDirectory(path: string): boolean {
  return lookAt(path)?.isDirectory() ?? false;
}

/** Null where nothing is there, be it because a file, or a link to itself, stands in the place of a directory on the way. */
function lookAt(path: string): BigIntStats | null {
  try {
    return lstatSync(path, { bigint: true, throwIfNoEntry: false }) ?? null;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTDIR' || code === 'ELOOP') return null;
    throw error;
  }
}

/** Whether a name came through as text; others cannot be named to anybody, and are listed as left out. */
function isText(path: string): boolean {
  return !path.includes('\uFFFD');
}

async function readable(path: string): Promise<boolean> {
  try {
    await (await open(path, constants.O_RDONLY | constants.O_NONBLOCK)).close();
    return true;
  } catch {
    return false;
  }
}
