import { createWriteStream, existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { SignalboxError } from '../../errors/index.ts';
import type { ArchiveHeader } from './archive-format.ts';
import { readArchive } from './archive-reader.ts';
import type { ExportSummary, TableCount } from './export-data.ts';
import { draftOf, keepDraft } from './keep-draft.ts';

/**
 * Keeps an archive that somebody else makes, as `exportData` keeps its own: with all of it read and checked, on disk, and only then under its
 * name. `send` is called when there is room for the name; what it throws itself is passed on.
 *
 * @throws SignalboxError ARCHIVE_EXISTS, ARCHIVE_NOT_RECEIVED, ARCHIVE_NOT_WRITTEN, ARCHIVE_INVALID; nothing is left of the file then
 */
export async function receiveArchive(
  file: string,
  send: () => Promise<AsyncIterable<Uint8Array>>,
  onTable?: (progress: TableCount) => void,
): Promise<ExportSummary> {
  if (existsSync(file)) throw new SignalboxError('ARCHIVE_EXISTS', { file });
  const content = await send();
  try {
    await write(file, content);
    return { ...(await check(draftOf(file), onTable)), size: await keepDraft(file) };
  } catch (error) {
    await rm(draftOf(file), { force: true });
    throw error;
  }
}

async function write(file: string, content: AsyncIterable<Uint8Array>): Promise<void> {
  try {
    await pipeline(arriving(file, content), createWriteStream(draftOf(file), { mode: 0o600 }));
  } catch (error) {
    if (SignalboxError.is(error)) throw error;
    throw new SignalboxError('ARCHIVE_NOT_WRITTEN', { file, reason: reasonOf(error) }, { cause: error });
  }
}

/** Tells what goes wrong on the way here from what goes wrong with the file. */
async function* arriving(file: string, content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* content;
  } catch (error) {
    throw new SignalboxError('ARCHIVE_NOT_RECEIVED', { file, reason: reasonOf(error) }, { cause: error });
  }
}

async function check(
  draft: string,
  onTable?: (progress: TableCount) => void,
): Promise<{ header: ArchiveHeader; tables: TableCount[] }> {
  let header: ArchiveHeader | null = null;
  let table = '';
  const tables: TableCount[] = [];
  for await (const part of readArchive(draft)) {
    if (part.type === 'header') header = part.header;
    else if (part.type === 'table') table = part.opening.table;
    else if (part.type === 'tableEnd') {
      const count = { table, rows: part.rows };
      tables.push(count);
      onTable?.(count);
    }
  }
  if (!header) throw new SignalboxError('ARCHIVE_INVALID', { file: draft, reason: 'it is empty' });
  return { header, tables };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
