import {
  type ConfigurationSources,
  type LoadedConfiguration,
  loadConfiguration,
  type OpenTier,
  openTier,
  PgDatabase,
  systemClock,
} from '@signalbox/core';
import { SERVER_VERSION } from '../version.ts';

/** The database that the configuration points at, opened by a command instead of a server. */
export interface LocalData {
  configuration: LoadedConfiguration;
  tier: OpenTier;
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
  const { databaseUrl, dataDir, embeddedTier } = configuration.values;
  const tier = await openTier(
    { databaseUrl, dataDir, embedded: embeddedTier === 'auto' ? null : embeddedTier },
    { clock: systemClock, programVersion: SERVER_VERSION },
  );
  try {
    const database = new PgDatabase({ kind: tier.kind, pool: tier.poolConfig, clock: systemClock });
    try {
      return await work({ configuration, tier, database });
    } finally {
      await database.close();
    }
  } finally {
    await tier.close();
  }
}
