import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import type { Clock } from '../../clock/clock.ts';
import { SignalboxError } from '../../errors/index.ts';

const holderSchema = z.object({
  pid: z.int().positive(),
  host: z.string(),
  startedAt: z.iso.datetime(),
  address: z.string().nullable(),
});

type Holder = z.infer<typeof holderSchema>;

/** SQLite's primary result code for a lock that somebody else has. */
const SQLITE_BUSY = 5;

/**
 * The program's exclusive right to a data directory.
 *
 * It is a lock of the operating system's, so it goes with the process however that ends: nothing has to be judged stale, and a process id that was
 * given out again deceives nobody. Node has no call for such locks, but the SQLite in it takes one (fcntl) for an exclusive
 * transaction on a file; that empty file, `lock.sqlite`, serves nothing else. It also holds between containers that share the
 * directory on one host, where sockets and process ids do not. `holder.json` only tells people who has it.
 */
export class DataDirectoryLock {
  readonly #dir: string;
  readonly #lock: DatabaseSync;
  #holder: Holder;
  #released = false;

  private constructor(dir: string, lock: DatabaseSync, holder: Holder) {
    this.#dir = dir;
    this.#lock = lock;
    this.#holder = holder;
  }

  /**
   * Takes the lock, or refuses at once.
   *
   * @throws SignalboxError DATA_DIRECTORY_IN_USE naming the program that has it; `address` is where it answers, null where it does not say
   */
  static async take(dir: string, clock: Clock): Promise<DataDirectoryLock> {
    const lock = new DatabaseSync(join(dir, 'lock.sqlite'), { timeout: 0 });
    try {
      lock.exec('BEGIN EXCLUSIVE');
    } catch (error) {
      lock.close();
      if ((error as { errcode?: number }).errcode !== SQLITE_BUSY) throw error;
      const holder = await readHolder(dir);
      const address = holder?.address ?? null;
      throw new SignalboxError('DATA_DIRECTORY_IN_USE', { dir, holder: describe(holder), address });
    }
    const taken = new DataDirectoryLock(dir, lock, {
      pid: process.pid,
      host: hostname(),
      startedAt: clock.now().toISOString(),
      address: null,
    });
    await taken.#writeHolder();
    return taken;
  }

  /** Adds where this program answers to what a second one is told. */
  async announce(address: string): Promise<void> {
    this.#holder = { ...this.#holder, address };
    await this.#writeHolder();
  }

  /** Frees the directory. May be called twice. */
  async release(): Promise<void> {
    if (this.#released) return;
    this.#released = true;
    await rm(join(this.#dir, 'holder.json'), { force: true });
    this.#lock.close();
  }

  async #writeHolder(): Promise<void> {
    const draft = join(this.#dir, `holder.json.${process.pid}`);
    await writeFile(draft, `${JSON.stringify(this.#holder)}\n`, { mode: 0o644 });
    await rename(draft, join(this.#dir, 'holder.json'));
  }
}

/** Who has the lock; null while the holder has not said so yet. */
async function readHolder(dir: string): Promise<Holder | null> {
  try {
    return holderSchema.parse(JSON.parse(await readFile(join(dir, 'holder.json'), 'utf8')));
  } catch (error) {
    if (
      (error as NodeJS.ErrnoException).code === 'ENOENT' ||
      error instanceof z.ZodError ||
      error instanceof SyntaxError
    )
      return null;
    throw error;
  }
}

function describe(holder: Holder | null): string {
  if (!holder) return 'another program that is just starting';
  const { pid, host, startedAt, address } = holder;
  return `process ${pid} on ${host}, started at ${startedAt}${address === null ? '' : `, at ${address}`}`;
}
