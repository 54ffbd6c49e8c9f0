import { mkdir, readdir, realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { uuidSchema } from '../../platform/ids/ids.ts';

/** The directory on this node below which work trees lie, one per session, named by its id. */
export class WorkTreePlaces {
  readonly #directory: string;
  #real: string | null = null;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Its real path; made if it is not there. */
  async directory(): Promise<string> {
    if (this.#real !== null) return this.#real;
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    // The data directory may lie in a user's repository, which must not take the trees for files of its own.
    await writeFile(join(this.#directory, '.gitignore'), '*\n');
    this.#real = await realpath(this.#directory);
    return this.#real;
  }

  async of(sessionId: string): Promise<string> {
    return join(await this.directory(), sessionId);
  }

  /** Paths of all that lies there under a session's id. */
  async found(): Promise<string[]> {
    const directory = await this.directory();
    const names = await readdir(directory);
    return names.filter((name) => uuidSchema.safeParse(name).success).map((name) => join(directory, name));
  }
}
