import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { z } from 'zod';
import { SignalboxError } from '../../errors/index.ts';
import {
  type ArchiveEnd,
  type ArchiveHeader,
  endSchema,
  headerSchema,
  type Row,
  rowSchema,
  type TableOpening,
  tableClosingSchema,
  tableOpeningSchema,
} from './archive-format.ts';

/** Rows, and bytes of their text, that are handed on together. */
const BATCH = { rows: 500, bytes: 4 * 1024 * 1024 };

const LINE_FEED = 0x0a;

/** What an archive consists of, in order. Every row has been counted and summed by the time its `tableEnd` comes. */
export type ArchivePart =
  | { type: 'header'; header: ArchiveHeader }
  | { type: 'table'; opening: TableOpening }
  | { type: 'rows'; rows: Row[] }
  | { type: 'tableEnd'; rows: number }
  | { type: 'end'; end: ArchiveEnd };

/** The header of an archive: what made it, and at which schema revision. @throws SignalboxError ARCHIVE_INVALID */
export async function readArchiveHeader(file: string): Promise<ArchiveHeader> {
  for await (const part of readArchive(file)) if (part.type === 'header') return part.header;
  throw invalid(file, 'it is empty');
}

/**
 * Reads an archive, checking format, counts, checksums and completeness on the way.
 *
 * @throws SignalboxError ARCHIVE_INVALID as soon as something is wrong; what came before has to be dropped
 */
export async function* readArchive(file: string): AsyncGenerator<ArchivePart> {
  try {
    yield* parts(file);
  } catch (error) {
    if (SignalboxError.is(error)) throw error;
    if (error instanceof z.ZodError) throw invalid(file, z.prettifyError(error).replace(/\s+/g, ' '), error);
    if (error instanceof SyntaxError) throw invalid(file, 'a line in it is not JSON', error);
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'Z_DATA_ERROR') throw invalid(file, 'it is not gzipped, or damaged', error);
    if (code === 'Z_BUF_ERROR') throw invalid(file, 'it ends too early', error);
    if (code === 'ENOENT') throw invalid(file, 'there is no such file', error);
    if (code === 'EACCES' || code === 'EISDIR') throw invalid(file, 'it cannot be read', error);
    throw error;
  }
}

async function* parts(file: string): AsyncGenerator<ArchivePart> {
  let header: ArchiveHeader | null = null;
  let table: { opening: TableOpening; rows: number; hash: ReturnType<typeof createHash> } | null = null;
  let batch: Row[] = [];
  let bytes = 0;
  const total = { tables: 0, rows: 0 };
  let ended = false;
  for await (const line of linesOf(file)) {
    if (ended) throw invalid(file, 'something follows its end');
    if (!header) {
      header = headerSchema.parse(JSON.parse(line));
      yield { type: 'header', header };
      continue;
    }
    if (table && line.startsWith('[')) {
      const row = rowSchema.parse(JSON.parse(line));
      if (row.length !== table.opening.columns.length)
        throw invalid(file, `a row of ${table.opening.table} has another number of columns`);
      table.hash.update(line).update('\n');
      table.rows += 1;
      batch.push(row);
      bytes += line.length;
      if (batch.length >= BATCH.rows || bytes >= BATCH.bytes) {
        yield { type: 'rows', rows: batch };
        batch = [];
        bytes = 0;
      }
      continue;
    }
    if (table) {
      const closing = tableClosingSchema.parse(JSON.parse(line));
      if (closing.rows !== table.rows)
        throw invalid(file, `${table.opening.table} has ${table.rows} rows instead of ${closing.rows}`);
      if (closing.sha256 !== table.hash.digest('hex'))
        throw invalid(file, `the rows of ${table.opening.table} do not match their checksum`);
      if (batch.length > 0) yield { type: 'rows', rows: batch };
      batch = [];
      bytes = 0;
      total.tables += 1;
      total.rows += table.rows;
      yield { type: 'tableEnd', rows: table.rows };
      table = null;
      continue;
    }
    const parsed: unknown = JSON.parse(line);
    if (typeof parsed === 'object' && parsed !== null && 'end' in parsed) {
      const end = endSchema.parse(parsed);
      if (end.tables !== total.tables || end.rows !== total.rows)
        throw invalid(file, 'tables or rows are missing in it');
      ended = true;
      yield { type: 'end', end };
      continue;
    }
    const opening = tableOpeningSchema.parse(parsed);
    table = { opening, rows: 0, hash: createHash('sha256') };
    yield { type: 'table', opening };
  }
  if (!ended) throw invalid(file, 'it ends too early');
}

/** Complete lines. Split by the line feed alone: `readline` also takes U+2028 for an end, which JSON strings may hold as it is. */
async function* linesOf(file: string): AsyncGenerator<string> {
  const input = createReadStream(file);
  const text = createGunzip();
  // The generator below hears of errors of either stream, and both go when it is left early.
  pipeline(input, text, () => undefined);
  let pending: Buffer[] = [];
  for await (const chunk of text as AsyncIterable<Buffer>) {
    let from = 0;
    for (let at = chunk.indexOf(LINE_FEED); at >= 0; at = chunk.indexOf(LINE_FEED, from)) {
      yield Buffer.concat([...pending, chunk.subarray(from, at)]).toString('utf8');
      pending = [];
      from = at + 1;
    }
    if (from < chunk.length) pending.push(chunk.subarray(from));
  }
  if (pending.length > 0) throw invalid(file, 'it ends too early');
}

function invalid(file: string, reason: string, cause?: unknown): SignalboxError {
  return new SignalboxError('ARCHIVE_INVALID', { file, reason }, { cause });
}
