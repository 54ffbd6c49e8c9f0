import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { ExportSummary, Ids, PgDatabase } from '@signalbox/core';
import { HttpError } from '../http/error-table.ts';
import { writeArchive } from './write-archive.ts';

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
  #taken = false;

  /** @param parts.directory where the file lies meanwhile. */
  constructor(parts: { database: Pick<PgDatabase, 'withClient'>; directory: string; ids: Ids }) {
    this.#database = parts.database;
    this.#directory = parts.directory;
    this.#ids = parts.ids;
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
    const file = join(this.#directory, `export-${this.#ids.uuid()}.archive`);
    try {
      const summary = await writeArchive(this.#database, file, () => signal.throwIfAborted());
      const handle = await open(file, 'r');
      return { summary, content: handle.createReadStream() };
    } finally {
      // What is open can still be read without a name, and is gone with the process at the latest.
      await rm(file, { force: true });
    }
  }
}
