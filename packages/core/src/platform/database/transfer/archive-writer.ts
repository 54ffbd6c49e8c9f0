import { createHash, type Hash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, existsSync, type WriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGzip, type Gzip } from 'node:zlib';
import { SignalboxError } from '../../errors/index.ts';
import type { ArchiveEnd, ArchiveHeader, TableOpening } from './archive-format.ts';
import { draftOf, keepDraft } from './keep-draft.ts';

/** Writes an archive beside its name and gives it the name when it is complete and on disk. */
export class ArchiveWriter {
  readonly #file: string;
  readonly #gzip: Gzip;
  readonly #written: Promise<void>;
  #hash: Hash = createHash('sha256');
  #rows = 0;
  #total = { tables: 0, rows: 0 };

  private constructor(file: string) {
    this.#file = file;
    this.#gzip = createGzip({ level: 6 });
    // Whoever can read an archive can read everything in it.
    const output: WriteStream = createWriteStream(draftOf(file), { mode: 0o600 });
    this.#written = pipeline(this.#gzip, output).catch((error: Error) => {
      throw new SignalboxError('ARCHIVE_NOT_WRITTEN', { file, reason: error.message }, { cause: error });
    });
    // Looked at again by whoever writes next or finishes; until then it must not count as unhandled.
    this.#written.catch(() => undefined);
  }

  /** @throws SignalboxError ARCHIVE_EXISTS */
  static async create(file: string, header: ArchiveHeader): Promise<ArchiveWriter> {
    if (existsSync(file)) throw new SignalboxError('ARCHIVE_EXISTS', { file });
    const writer = new ArchiveWriter(file);
    await writer.#line(JSON.stringify(header));
    return writer;
  }

  async openTable(opening: TableOpening): Promise<void> {
    this.#hash = createHash('sha256');
    this.#rows = 0;
    await this.#line(JSON.stringify(opening));
  }

  /** Rows as lines of JSON, as the database has written them. */
  async rows(lines: readonly string[]): Promise<void> {
    if (lines.length === 0) return;
    const text = `${lines.join('\n')}\n`;
    this.#hash.update(text);
    this.#rows += lines.length;
    await this.#write(text);
  }

  /** Gives the number of rows. */
  async closeTable(): Promise<number> {
    await this.#line(JSON.stringify({ rows: this.#rows, sha256: this.#hash.digest('hex') }));
    this.#total = { tables: this.#total.tables + 1, rows: this.#total.rows + this.#rows };
    return this.#rows;
  }

  /** Completes the file; gives its size in bytes. @throws SignalboxError ARCHIVE_NOT_WRITTEN, as all that writes here */
  async finish(sequences: ArchiveEnd['sequences']): Promise<number> {
    await this.#line(JSON.stringify({ end: true, ...this.#total, sequences } satisfies ArchiveEnd));
    this.#gzip.end();
    await this.#written;
    return keepDraft(this.#file);
  }

  /** Takes away what was written so far. */
  async abandon(): Promise<void> {
    this.#gzip.destroy();
    await this.#written.catch(() => undefined);
    await rm(draftOf(this.#file), { force: true });
  }

  #line(line: string): Promise<void> {
    return this.#write(`${line}\n`);
  }

  async #write(text: string): Promise<void> {
    if (this.#gzip.write(text)) return;
    // A full disk reaches the compressor too, as the bare error of the system: what `written` makes of it is what counts.
    const drained = once(this.#gzip, 'drain').catch(() => this.#written);
    await Promise.race([drained, this.#written]);
  }
}
