import {
  type ConfigurationSources,
  type LoadedConfiguration,
  loadConfiguration,
  type OpenTier,
  openTier,
  PgDatabase,
  reachRunning,
  SignalboxError,
  systemClock,
} from '@signalbox/core';
import { SERVER_VERSION } from '../version.ts';

/** The database that the configuration points at, opened by a command instead of a server. */
export interface LocalData {
  configuration: LoadedConfiguration;
  database: PgDatabase;
}

/**
 * Opens the data directly, does the work and closes it again. For commands that must run without a server; on the
 * embedded tiers they hold the data directory meanwhile, so a running server refuses them and the other way round.
 * @throws DATA_DIRECTORY_IN_USE and what else opening can meet with.
 */
export async function withLocalData<T>(
  sources: ConfigurationSources,
  work: (data: LocalData) => Promise<T>,
): Promise<T> {
  const configuration = loadConfiguration(sources);
  const tier = await open(configuration);
  try {
    return await withDatabase(tier.kind, tier.poolConfig, (database) => work({ configuration, database }));
  } finally {
    await tier.close();
  }
}

/**
 * The same for work that only reads: where a running server has the embedded PostgreSQL, it is read beside that server.
 * @throws DATA_DIRECTORY_IN_USE where that cannot be: PGlite lives inside its one process, which has to be asked itself.
 */
export async function readLocalData<T>(
  sources: ConfigurationSources,
  work: (data: LocalData) => Promise<T>,
): Promise<T> {
  try {
    return await withLocalData(sources, work);
  } catch (error) {
    if (!SignalboxError.is(error, 'DATA_DIRECTORY_IN_USE')) throw error;
    const configuration = loadConfiguration(sources);
    const running = await reachRunning(configuration.values.dataDir);
    if (running === null) throw error;
    return withDatabase('embedded', running, (database) => work({ configuration, database }));
  }
}

function open({ values }: LoadedConfiguration): Promise<OpenTier> {
  const { databaseUrl, dataDir, embeddedTier } = values;
  return openTier(
    { databaseUrl, dataDir, embedded: embeddedTier === 'auto' ? null : embeddedTier },
    { clock: systemClock, programVersion: SERVER_VERSION },
  );
}

async function withDatabase<T>(
  kind: OpenTier['kind'],
  pool: OpenTier['poolConfig'],
  work: (database: PgDatabase) => Promise<T>,
): Promise<T> {
  const database = new PgDatabase({ kind, pool, clock: systemClock });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}
