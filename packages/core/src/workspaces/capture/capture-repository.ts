import { type BigIntStats, constants } from 'node:fs';
import { chmod, lstat, mkdir, open, readlink, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SignalboxError } from '../../platform/errors/index.ts';
import { listFiles } from './file-list.ts';
import { git, gitText } from './git.ts';
import { type CachedFile, StatCache } from './stat-cache.ts';
import { diffTrees, type FileChange } from './tree-diff.ts';

/** The whole state of a workspace's files at one moment, as a git tree in the workspace's private store. */
export interface Capture {
  treeId: string;
  files: number;
  /** Paths that could not be read or kept changing; never fatal. */
  unreadable: string[];
}

/** Wins over every `.gitattributes` in the tree: captures are raw bytes. */
const RAW_ATTRIBUTES = '* -text -filter -ident -working-tree-encoding\n';

/**
 * Private bare store of one workspace (mode 0700): the user's own repository, index and HEAD are never touched, and
 * none is needed (design.md §5). One at a time per workspace; calls queue.
 */
export class CaptureRepository {
  readonly #workspaceId: string;
  readonly #workspacePath: string;
  readonly #gitDir: string;
  readonly #nowNs: () => bigint;
  readonly #cache = new StatCache();
  #indexed = new Map<string, CachedFile>();
  #queue: Promise<unknown> = Promise.resolve();
  #ready = false;

  constructor(options: { workspaceId: string; workspacePath: string; gitDir: string; nowNs: () => bigint }) {
    this.#workspaceId = options.workspaceId;
    this.#workspacePath = options.workspacePath;
    this.#gitDir = options.gitDir;
    this.#nowNs = options.nowNs;
  }

  /** The bare store itself, for whoever reads its objects. */
  get gitDir(): string {
    return this.#gitDir;
  }

  /** Captures the files as they are now. Unchanged files are not read again. @throws WORKSPACE_CAPTURE_FAILED */
  capture(): Promise<Capture> {
    const next = this.#queue.then(() => this.#capture());
    this.#queue = next.catch(() => undefined);
    return next;
  }

  /** What changed from one capture to another. @throws WORKSPACE_CAPTURE_FAILED */
  async diff(before: string, after: string): Promise<FileChange[]> {
    try {
      return await diffTrees(this.#gitDir, before, after);
    } catch (error) {
      throw this.#failed(error);
    }
  }

  async #capture(): Promise<Capture> {
    try {
      await this.#prepare();
      const unreadable: string[] = [];
      const present = new Map<string, CachedFile>();
      const fresh: { path: string; facts: BigIntStats }[] = [];
      for (const path of await listFiles(this.#workspacePath, this.#gitDir)) {
        const facts = await lstat(join(this.#workspacePath, path), { bigint: true }).catch(() => null);
        if (!facts || !(facts.isFile() || facts.isSymbolicLink())) continue;
        const known = this.#cache.lookup(path, facts);
        if (known) present.set(path, known);
        else fresh.push({ path, facts });
      }
      const nowNs = this.#nowNs();
      for (const { path, facts, oid } of await this.#hash(fresh, unreadable)) {
        const file = { oid, mode: modeOf(facts) };
        present.set(path, file);
        this.#cache.remember(path, facts, file, nowNs);
      }
      await this.#updateIndex(present);
      const treeId = await gitText(['write-tree'], this.#call());
      return { treeId, files: present.size, unreadable };
    } catch (error) {
      throw this.#failed(error);
    }
  }

  async #prepare(): Promise<void> {
    if (this.#ready) return;
    await mkdir(this.#gitDir, { recursive: true, mode: 0o700 });
    await chmod(this.#gitDir, 0o700);
    const there = await stat(join(this.#gitDir, 'HEAD')).then(
      () => true,
      () => false,
    );
    if (!there) await git(['init', '--quiet', '--bare', '--template=', this.#gitDir], { cwd: this.#gitDir });
    await mkdir(join(this.#gitDir, 'info'), { recursive: true });
    await writeFile(join(this.#gitDir, 'info', 'attributes'), RAW_ATTRIBUTES);
    await git(['read-tree', '--empty'], this.#call());
    this.#ready = true;
  }

  /** Writes the contents into the store; answers their object ids. */
  async #hash(
    files: readonly { path: string; facts: BigIntStats }[],
    unreadable: string[],
  ): Promise<{ path: string; facts: BigIntStats; oid: string }[]> {
    const hashed: { path: string; facts: BigIntStats; oid: string }[] = [];
    const plain: { path: string; facts: BigIntStats }[] = [];
    for (const file of files) {
      if (file.facts.isSymbolicLink() || file.path.includes('\n')) {
        const oid = await this.#hashOne(file.path, file.facts);
        if (oid) hashed.push({ ...file, oid });
        else unreadable.push(file.path);
      } else if (await readable(join(this.#workspacePath, file.path))) plain.push(file);
      else unreadable.push(file.path);
    }
    if (plain.length === 0) return hashed;
    const input = plain.map((file) => `${join(this.#workspacePath, file.path)}\n`).join('');
    const oids = await gitText(['hash-object', '-w', '--no-filters', '--stdin-paths'], this.#call(input)).then(
      (text) => text.split('\n'),
      () => null,
    );
    if (oids?.length === plain.length) {
      return hashed.concat(plain.map((file, index) => ({ ...file, oid: oids[index] as string })));
    }
    // A file that vanished between listing and reading ends the batch; one by one, only that file is left out.
    for (const file of plain) {
      const oid = await this.#hashOne(file.path, file.facts);
      if (oid) hashed.push({ ...file, oid });
      else unreadable.push(file.path);
    }
    return hashed;
  }

  /** Null when the file cannot be read. */
  async #hashOne(path: string, facts: BigIntStats): Promise<string | null> {
    const full = join(this.#workspacePath, path);
    try {
      if (facts.isSymbolicLink()) {
        const target = await readlink(full, { encoding: 'buffer' });
        return await gitText(['hash-object', '-w', '--stdin'], this.#call(target));
      }
      return await gitText(['hash-object', '-w', '--no-filters', '--', full], this.#call());
    } catch (error) {
      if (await readable(full)) throw error;
      return null;
    }
  }

  /** Tells the private index what differs from the capture before. */
  async #updateIndex(present: Map<string, CachedFile>): Promise<void> {
    const gone: string[] = [];
    for (const path of this.#indexed.keys()) {
      if (!present.has(path)) {
        gone.push(`0 ${'0'.repeat(40)}\t${path}\0`);
        this.#cache.forget(path);
      }
    }
    const set: string[] = [];
    for (const [path, file] of present) {
      const before = this.#indexed.get(path);
      if (before?.oid !== file.oid || before.mode !== file.mode) set.push(`${file.mode} ${file.oid}\t${path}\0`);
    }
    // Removals go first: a file may have become a directory of the same name.
    if (gone.length + set.length > 0) {
      await git(['update-index', '-z', '--index-info'], this.#call(gone.concat(set).join('')));
    }
    this.#indexed = present;
  }

  #call(input?: string | Uint8Array) {
    return { cwd: this.#gitDir, env: { GIT_DIR: this.#gitDir }, ...(input === undefined ? {} : { input }) };
  }

  #failed(error: unknown): unknown {
    if (SignalboxError.is(error)) return error;
    const reason = error instanceof Error ? error.message : String(error);
    return new SignalboxError('WORKSPACE_CAPTURE_FAILED', { id: this.#workspaceId, reason }, { cause: error });
  }
}

function modeOf(facts: BigIntStats): string {
  if (facts.isSymbolicLink()) return '120000';
  return (Number(facts.mode) & constants.S_IXUSR) !== 0 ? '100755' : '100644';
}

async function readable(path: string): Promise<boolean> {
  try {
    await (await open(path, constants.O_RDONLY | constants.O_NONBLOCK)).close();
    return true;
  } catch {
    return false;
  }
}
