import { join } from 'node:path';
import type { DataDirectoryLock } from './data-directory-lock.ts';
import { assertMajor, type DataDirectoryRecord, writeRecord } from './data-directory-record.ts';
import { clusterMajor } from './embedded-cluster.ts';
import { PgliteThread } from './pglite-thread.ts';
import type { OpenTier, TierParts } from './tier.ts';

/** The major that the installed PGlite is built from. */
const PGLITE_MAJOR = '18';

/** Where PGlite keeps its cluster in a data directory. */
export const pgliteDirectory = (dataDir: string): string => join(dataDir, 'pglite');

/**
 * PGlite on a data directory whose lock we hold: opened twice it would lose data without a word.
 *
 * @throws SignalboxError DATA_DIRECTORY_OTHER_MAJOR
 */
export async function openPglite(
  dataDir: string,
  record: DataDirectoryRecord | null,
  notice: string,
  lock: DataDirectoryLock,
  parts: TierParts,
): Promise<OpenTier> {
  const directory = pgliteDirectory(dataDir);
  const found = await clusterMajor(directory);
  if (record || found) assertMajor(dataDir, found ?? record?.postgresMajor ?? PGLITE_MAJOR, PGLITE_MAJOR);
  const thread = await PgliteThread.start({ directory, image: null });
  if (!record) {
    await writeRecord(dataDir, {
      format: 1,
      kind: 'pglite',
      postgresMajor: PGLITE_MAJOR,
      createdBy: parts.programVersion,
      createdAt: parts.clock.now().toISOString(),
    });
  }
  return {
    kind: 'pglite',
    poolConfig: thread.poolConfig(),
    notice,
    version: thread.version,
    adopted: false,
    announce: (address) => lock.announce(address),
    close: async () => {
      await thread.close();
      await lock.release();
    },
  };
}
