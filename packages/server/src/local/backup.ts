import { cp, mkdir, readdir, rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import {
  type ConfigurationSources,
  type ExportSummary,
  type ImportSummary,
  loadConfiguration,
  SignalboxError,
} from '@signalbox/core';
import type { TableProgress } from '../exports/write-archive.ts';
import { type ConnectServer, exportArchive, importArchive } from './archives.ts';

const ARCHIVE = 'database.archive';
/** Where the data directory's own files lie in a backup. */
const FILES = 'files';

/**
 * Files of the data directory that belong to its data, by when they are copied. The exported heads of the audit may name
 * nothing that the database does not hold, so they go before it; of captures the database may name none that are not
 * there, so they go after it.
 */
const BEFORE = ['audit-seal.key', 'audit-heads.jsonl'];
const AFTER = ['captures', 'opencode', 'samples'];

/**
 * Writes a backup into a new directory: the database as of one moment, and what else belongs to it. Works beside a
 * running server.
 * @throws ARCHIVE_EXISTS and what {@link exportArchive} throws
 */
export async function backUp(
  sources: ConfigurationSources,
  directory: string,
  onTable: TableProgress,
  connect: ConnectServer,
): Promise<ExportSummary> {
  const dataDir = resolve(loadConfiguration(sources).values.dataDir);
  const target = resolve(sources.cwd, directory);
  await mkdir(target, { recursive: true, mode: 0o700 });
  if ((await readdir(target)).length > 0) throw new SignalboxError('ARCHIVE_EXISTS', { file: target });
  try {
    await copy(BEFORE, dataDir, join(target, FILES));
    const summary = await exportArchive(sources, join(target, ARCHIVE), onTable, connect);
    await copy(AFTER, dataDir, join(target, FILES));
    return summary;
  } catch (error) {
    // A part of a backup is none, and would be in the way of the next attempt.
    for (const part of [ARCHIVE, FILES]) await rm(join(target, part), { recursive: true, force: true });
    throw error;
  }
}

/**
 * Brings a backup back into a data directory, or a database, that holds no data yet.
 * @throws ARCHIVE_INVALID, ARCHIVE_REVISION, TARGET_NOT_EMPTY, DATA_DIRECTORY_IN_USE
 */
export async function restore(
  sources: ConfigurationSources,
  directory: string,
  onTable: TableProgress,
): Promise<ImportSummary> {
  const source = resolve(sources.cwd, directory);
  const summary = await importArchive(sources, join(source, ARCHIVE), onTable);
  const dataDir = resolve(loadConfiguration(sources).values.dataDir);
  await copy([...BEFORE, ...AFTER], join(source, FILES), dataDir);
  return summary;
}

/** Copies what is there; what git writes and renames at the moment is not part of a store yet. */
async function copy(names: readonly string[], from: string, to: string): Promise<void> {
  const present = new Set(await entriesOf(from));
  for (const name of names.filter((wanted) => present.has(wanted))) {
    await cp(join(from, name), join(to, name), {
      recursive: true,
      preserveTimestamps: true,
      filter: (path) => !/^tmp_|\.lock$/.test(basename(path)),
    });
  }
}

/** None for a directory that does not exist: a database on a server may have left no files here. */
async function entriesOf(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
