import { resolve } from 'node:path';
import { SignalboxError } from '../../errors/index.ts';
import { readRecord } from './data-directory-record.ts';
import { clusterPaths } from './embedded-cluster.ts';
import { openTier } from './open-tier.ts';
import { DATABASE, SOCKET_PORT, SUPERUSER } from './postgres-settings.ts';
import { readPostmasterFile } from './postmaster-file.ts';
import type { OpenTier, TierParts, TierSettings } from './tier.ts';

/**
 * As {@link openTier}, but where another program uses the data directory, its PostgreSQL is joined instead of refused: for commands that read
 * beside a running server (`signalbox backup`). Closing then leaves everything as it is. A PGlite cannot be joined.
 *
 * @throws SignalboxError as `openTier`; DATA_DIRECTORY_IN_USE for a PGlite, or a PostgreSQL that is not ready, of another program
 */
export async function joinTier(settings: TierSettings, parts: TierParts): Promise<OpenTier> {
  try {
    return await openTier(settings, parts);
  } catch (error) {
    if (!SignalboxError.is(error, 'DATA_DIRECTORY_IN_USE')) throw error;
    const running = await runningServer(resolve(settings.dataDir));
    if (!running) throw error;
    return {
      kind: 'embedded',
      poolConfig: { host: running, port: SOCKET_PORT, user: SUPERUSER, database: DATABASE },
      notice: `Joined the database of ${String(error.details.holder)}.`,
      version: 'unknown',
      adopted: false,
      announce: async () => undefined,
      close: async () => undefined,
    };
  }
}

/** The socket directory of the PostgreSQL that runs on a data directory; null when none is ready. */
async function runningServer(dir: string): Promise<string | null> {
  if ((await readRecord(dir))?.kind !== 'postgres') return null;
  const file = await readPostmasterFile(clusterPaths(dir).cluster);
  return file?.ready ? file.socketDirectory : null;
}
