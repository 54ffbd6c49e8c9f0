import { open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Clock, ExportSummary, Ids, PgDatabase } from '@signalbox/core';
import { HttpError } from '../http/error-table.ts';
import { writeArchive } from './write-archive.ts';

/** Milliseconds after which a file is no longer being written: what made it was killed amid it. */
const ABANDONED = 24 * 3_600_000;

/** Names of the files made here, complete or not. */
const OURS = /^\.export-[0-9a-f-]{36}\.archive(\.partial)?$/;

/** An archive that is ready to be read, once. */
export interface ReadyExport {
  summary: ExportSummary;
  /** Has to be read or destroyed: then the next export may be made. */
  content: Readable;
}

/**
 * Makes archives of the database for others to fetch. Each is made as a file first, so that the database, which on PGlite
 * has one connection for all, is busy only as long as the disk takes, and not as long as the reader.
 */
export class DatabaseExports {
  readonly #database: Pick<PgDatabase, 'withClient'>;
  readonly #directory: string;
  readonly #ids: Ids;
  readonly #clock: Clock;
  #taken = false;

  /** @param parts.directory where the file lies meanwhile. */
  constructor(parts: { database: Pick<PgDatabase, 'withClient'>; directory: string; ids: Ids; clock: Clock }) {
    this.#database = parts.database;
    this.#directory = parts.directory;
    this.#ids = parts.ids;
    this.#clock = parts.clock;
  }

  /**
   * @param signal breaks it off after the table that is being written.
   * @throws EXPORT_IN_PROGRESS, ARCHIVE_NOT_WRITTEN, DATABASE_UNAVAILABLE, the signal's reason
   */
  async make(signal: AbortSignal): Promise<ReadyExport> {
    if (this.#taken) throw new HttpError('EXPORT_IN_PROGRESS');
    this.#taken = true;
    try {
      const made = await this.#make(signal);
      made.content.once('close', () => {
        this.#taken = false;
      });
      return made;
    } catch (error) {
      this.#taken = false;
      throw error;
    }
  }

  async #make(signal: AbortSignal): Promise<ReadyExport> {
    await this.#sweep();
    const file = join(this.#directory, `.export-${this.#ids.uuid()}.archive`);
    try {
      const summary = await writeArchive(this.#database, file, () => signal.throwIfAborted());
      const handle = await open(file, 'r');
      return { summary, content: handle.createReadStream() };
    } finally {
      // What is open can still be read without a name, and is gone with the process at the latest.
      await rm(file, { force: true });
    }
  }

  /** Nodes may share the directory: only by its age is a file known to be nobody's. */
  async #sweep(): Promise<void> {
    const before = this.#clock.now().getTime() - ABANDONED;
    const names = (await readdir(this.#directory)).filter((name) => OURS.test(name));
    for (const name of names) {
      const path = join(this.#directory, name);
      const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return null;
        throw error;
      });
      if (found && found.mtimeMs < before) await rm(path, { force: true });
    }
  }
}
