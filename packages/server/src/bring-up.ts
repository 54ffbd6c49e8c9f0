import { type Core, type MigrationStatus, type Migrator, type PolicyFiles, SignalboxError } from '@signalbox/core';
import type { Readiness } from './health/readiness.ts';

export interface BringUpParts {
  core: Pick<Core, 'projects' | 'clock' | 'logger' | 'start'>;
  policyFiles: Pick<PolicyFiles, 'look'>;
  migrator: Pick<Migrator, 'up' | 'status'>;
  autoMigrate: boolean;
  readiness: Readiness;
  signal: AbortSignal;
}

/** Between attempts while the database is away, and while it is there but cannot be used. */
const AWAY_MS = 500;
const UNUSABLE_MS = 5_000;

/**
 * Waits for the database, brings its schema up to date and makes the default project; then the server is ready
 * (CTL-014). What is in the way is told by {@link Readiness} meanwhile, and tried again for as long as it takes.
 */
export async function bringUp(parts: BringUpParts): Promise<void> {
  const { core, policyFiles, readiness, signal } = parts;
  while (!signal.aborted) {
    try {
      await migrate(parts);
      const { id } = await core.projects.ensureDefault();
      // Before anything runs that they are to hold.
      await policyFiles.look(id);
      core.start();
      readiness.ready();
      return;
    } catch (error) {
      readiness.wait(error);
      const away = SignalboxError.is(error, 'DATABASE_UNAVAILABLE') || SignalboxError.is(error, 'OUTCOME_UNKNOWN');
      if (!away) core.logger.error({ err: error }, 'the database cannot be used');
      await core.clock.sleep(away ? AWAY_MS : UNUSABLE_MS, signal);
    }
  }
}

/** @throws MIGRATION_PENDING where migrations are left to an operator */
async function migrate({ migrator, autoMigrate, core }: BringUpParts): Promise<void> {
  if (autoMigrate) {
    const applied = await migrator.up();
    if (applied.length > 0) core.logger.info({ applied }, 'migrated the database');
    return;
  }
  const pending = (await migrator.status()).filter((migration: MigrationStatus) => !migration.appliedAt);
  if (pending.length > 0) throw new SignalboxError('MIGRATION_PENDING', { count: pending.length });
}
