import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';

type ObjectType = 'blob' | 'tree' | 'commit';

/** Who signs synthetic commits, and when: the same for all, so that the same trees give the same commits. */
const NOBODY = 'signalbox <signalbox@localhost> 0 +0000';

/**
 * Objects that a composition makes, beside a private store whose own it sees too. A preview throws them away; an undo
 * keeps what it writes. They are written as loose objects right here, since git has no plumbing for commits in
 * batches and a process per commit would be most of an undo's time.
 */
export class ScratchStore {
  readonly gitDir: string;
  readonly #directory: string;
  readonly #made = new Set<string>();
  readonly #fans = new Set<string>();

  private constructor(gitDir: string, directory: string) {
    this.gitDir = gitDir;
    this.#directory = directory;
  }

  /** @param gitDir the private store. */
  static async open(gitDir: string): Promise<ScratchStore> {
    const directory = await mkdtemp(join(tmpdir(), 'signalbox-undo-'));
    mkdirSync(join(directory, 'objects', 'info'), { recursive: true });
    mkdirSync(join(directory, 'attributes'));
    // Quoted as git reads it: a store's path may hold anything.
    writeFileSync(join(directory, 'objects', 'info', 'alternates'), `${JSON.stringify(join(gitDir, 'objects'))}\n`);
    return new ScratchStore(gitDir, directory);
  }

  /** Directory in which git runs, and out of which it reads `.gitattributes`. */
  get workTree(): string {
    return join(this.#directory, 'attributes');
  }

  /** How to call git on it. */
  get call(): { cwd: string; env: Record<string, string> } {
    return {
      cwd: this.workTree,
      env: {
        GIT_DIR: this.gitDir,
        GIT_WORK_TREE: this.workTree,
        GIT_OBJECT_DIRECTORY: join(this.#directory, 'objects'),
      },
    };
  }

  /** A commit with these parents and no history behind them. */
  commit(tree: string, parents: readonly string[] = []): string {
    const lines = [`tree ${tree}`, ...parents.map((parent) => `parent ${parent}`)];
    return this.write('commit', Buffer.from(`${lines.join('\n')}\nauthor ${NOBODY}\ncommitter ${NOBODY}\n\n\n`));
  }

  write(type: ObjectType, content: Uint8Array): string {
    const object = Buffer.concat([Buffer.from(`${type} ${content.length}\0`), content]);
    const oid = createHash('sha1').update(object).digest('hex');
    if (this.#made.has(oid)) return oid;
    const fan = join(this.#directory, 'objects', oid.slice(0, 2));
    if (!this.#fans.has(fan)) mkdirSync(fan, { recursive: true });
    this.#fans.add(fan);
    const file = join(fan, oid.slice(2));
    // Git may look for the object at any moment: it must be whole when it appears.
    writeFileSync(`${file}.new`, deflateSync(object, { level: 1 }));
    renameSync(`${file}.new`, file);
    this.#made.add(oid);
    return oid;
  }

  /** Copies all that was made into the private store, where a reference must keep it from being pruned. */
  keep(): void {
    const from = join(this.#directory, 'objects');
    for (const fan of readdirSync(from)) {
      if (!/^[0-9a-f]{2}$/.test(fan)) continue;
      mkdirSync(join(this.gitDir, 'objects', fan), { recursive: true });
      for (const name of readdirSync(join(from, fan))) {
        const target = join(this.gitDir, 'objects', fan, name);
        if (existsSync(target)) continue;
        copyFileSync(join(from, fan, name), `${target}.new`);
        renameSync(`${target}.new`, target);
      }
    }
  }

  async close(): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true });
  }
}
