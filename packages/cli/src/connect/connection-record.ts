import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { stateHome } from '../hook/hook-place.ts';
import type { Io } from '../io.ts';

/** A file as it was before and as it was left: by that it can be put back byte for byte. */
export interface ChangedFile {
  path: string;
  /** In base64; null where there was no file. */
  before: string | null;
  after: string;
  /** The directory that was made for it, if it was. */
  madeDirectory: string | null;
}

/** What connecting a directory has changed. */
export class ConnectionRecord {
  readonly #path: string;

  constructor(env: Io['env'], agent: string, directory: string) {
    const name = createHash('sha256').update(directory).digest('hex').slice(0, 32);
    this.#path = join(stateHome(env), 'connections', `${agent}-${name}.json`);
  }

  async read(): Promise<ChangedFile[]> {
    try {
      return JSON.parse(await readFile(this.#path, 'utf8')) as ChangedFile[];
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  }

  async write(files: readonly ChangedFile[]): Promise<void> {
    if (files.length === 0) return rm(this.#path, { force: true });
    await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
    await writeFile(this.#path, JSON.stringify(files), { mode: 0o600 });
  }
}

export function digestOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
