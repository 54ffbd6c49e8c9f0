import { resolve } from 'node:path';
import { SignalboxError } from '../../errors/index.ts';
import { prepareDataDirectory, unusable } from './data-directory.ts';
import { DataDirectoryLock } from './data-directory-lock.ts';
import { readRecord } from './data-directory-record.ts';
import { clusterMajor, clusterPaths } from './embedded-cluster.ts';
import { CannotRunError, openEmbedded } from './embedded-tier.ts';
import { openPglite, pgliteDirectory } from './pglite-tier.ts';
import { openServer } from './server-tier.ts';
import type { EmbeddedKind, OpenTier, TierParts, TierSettings } from './tier.ts';

/**
 * Brings up the database that the configuration asks for: the server at `databaseUrl`, else the one in the data directory. What engine a data
 * directory has is decided when it is made and kept: embedded PostgreSQL, or PGlite where that cannot run.
 *
 * @throws SignalboxError DATA_DIRECTORY_IN_USE, DATA_DIRECTORY_UNUSABLE, DATA_DIRECTORY_OTHER_MAJOR, UNSUPPORTED_DATABASE
 */
export async function openTier(settings: TierSettings, parts: TierParts): Promise<OpenTier> {
  if (settings.databaseUrl !== null) return openServer(settings.databaseUrl);
  const dir = resolve(settings.dataDir);
  await prepareDataDirectory(dir);
  let lock: DataDirectoryLock | null = null;
  try {
    lock = await DataDirectoryLock.take(dir, parts.clock);
    return await openDirectory(dir, settings.embedded, lock, parts);
  } catch (error) {
    await lock?.release();
    throw unusable(dir, error);
  }
}

async function openDirectory(
  dir: string,
  wanted: TierSettings['embedded'],
  lock: DataDirectoryLock,
  parts: TierParts,
): Promise<OpenTier> {
  const record = await readRecord(dir);
  const held = record?.kind ?? (await unrecorded(dir));
  if (held && wanted && held !== wanted) {
    throw new SignalboxError('DATA_DIRECTORY_UNUSABLE', {
      dir,
      reason: `it was made with ${held}, and ${wanted} is asked for`,
      advice:
        'Ask for what it has, or move the data into a new directory with `signalbox export` and `signalbox import`.',
    });
  }
  const kind = held ?? wanted;
  if (kind === 'pglite') return openPglite(dir, record, held ? KEPT : LIMITS, lock, parts);
  try {
    return await openEmbedded(dir, record, lock, parts);
  } catch (error) {
    if (!(error instanceof CannotRunError)) throw error;
    if (kind === null) return openPglite(dir, null, fallbackNotice(error.message), lock, parts);
    throw new SignalboxError(
      'DATA_DIRECTORY_UNUSABLE',
      {
        dir,
        reason: `PostgreSQL cannot run in it: ${error.message}`,
        advice: 'Mend that, or point DATABASE_URL at a PostgreSQL server.',
      },
      { cause: error },
    );
  }
}

/** What a directory without a record holds: a start that was killed may have made the data and not recorded it, or the record was lost. */
async function unrecorded(dir: string): Promise<EmbeddedKind | null> {
  if ((await clusterMajor(clusterPaths(dir).cluster)) !== null) return 'postgres';
  return (await clusterMajor(pgliteDirectory(dir))) === null ? null : 'pglite';
}

const LIMITS =
  'PGlite has one connection and no fsync of data files (a power cut may cost the last moments; a killed program does not). Point DATABASE_URL at a PostgreSQL server for more.';

function fallbackNotice(reason: string): string {
  return `The embedded PostgreSQL cannot run here: ${reason}. Using PGlite instead. ${LIMITS}`;
}

const KEPT = `This data directory was made with PGlite and keeps it. ${LIMITS}`;
