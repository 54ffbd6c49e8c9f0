import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { systemClock } from '../platform/clock/clock.ts';
import { PgDatabase } from '../platform/database/index.ts';
import { Migrator } from '../platform/database/schema/index.ts';
import { openTier } from '../platform/database/tiers/index.ts';
import { migrationsDigest, TEST_CACHE } from './migrations-digest.ts';

const run = promisify(execFile);

/** What a test of commands or pages does not ask of its database: to outlive the machine. */
const HASTY = 'fsync = off\nfull_page_writes = off\n';

/**
 * Makes `dataDir` what a first start on this machine makes of a new data directory: a database with all migrations, and nothing in it. A
 * copy takes a fraction of what `initdb` and the migrations take, so tests of what a server does begin with one; those of how data are
 * made, found, lost and kept do not.
 *
 * @param dataDir a directory that does not exist yet; its parent does.
 */
export async function layPreparedData(dataDir: string): Promise<void> {
  await run('cp', ['-a', await preparedData(), dataDir]);
}

async function preparedData(): Promise<string> {
  const kept = join(TEST_CACHE, `data-${await migrationsDigest()}`);
  if (existsSync(kept)) return kept;
  const folder = await mkdtemp(join(tmpdir(), 'signalbox-prepared-'));
  try {
    // The user of the embedded PostgreSQL has to pass through where we are root.
    await chmod(folder, 0o755);
    const dataDir = join(folder, 'data');
    await make(dataDir);
    await mkdir(TEST_CACHE, { recursive: true });
    const draft = `${kept}.${process.pid}`;
    await run('cp', ['-a', dataDir, draft]);
    await rename(draft, kept).catch(async (error: unknown) => {
      // Another worker was faster.
      if (!existsSync(kept)) throw error;
      await rm(draft, { recursive: true, force: true });
    });
    return kept;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function make(dataDir: string): Promise<void> {
  const tier = await openTier(
    { databaseUrl: null, dataDir, embedded: null },
    { clock: systemClock, programVersion: 'tests' },
  );
  try {
    const database = new PgDatabase({ kind: tier.kind, pool: tier.poolConfig });
    await new Migrator(database).up();
    await database.close();
  } finally {
    await tier.close();
  }
  if (tier.kind === 'embedded')
    await writeFile(join(dataDir, 'postgres', 'data', 'local.conf'), HASTY, { mode: 0o644 });
}
