import { type ConfigurationSources, type MigrationStatus, Migrator } from '@signalbox/core';
import { readLocalData, withLocalData } from './local-data.ts';

/** Applies what is pending; answers the names. @throws MIGRATION_FAILED, MIGRATION_UNKNOWN_REVISION */
export function migrateUp(sources: ConfigurationSources): Promise<string[]> {
  return withLocalData(sources, ({ database }) => new Migrator(database).up());
}

/** Takes back the newest `count` migrations with all that is in their tables; answers the names. */
export function migrateDown(sources: ConfigurationSources, count: number): Promise<string[]> {
  return withLocalData(sources, ({ database }) => new Migrator(database).down(count));
}

/** Every migration with when it was applied, oldest first; also beside a running server. */
export function migrationStatus(sources: ConfigurationSources): Promise<MigrationStatus[]> {
  return readLocalData(sources, ({ database }) => new Migrator(database).status());
}
