import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type pg from 'pg';
import { readRecord } from './data-directory-record.ts';
import { clusterPaths } from './embedded-cluster.ts';
import { DATABASE, SOCKET_PORT, SUPERUSER } from './postgres-settings.ts';
import { readPostmasterFile } from './postmaster-file.ts';
import { SOCKET } from './socket-directory.ts';

/**
 * How to reach the embedded PostgreSQL that another program runs on the data directory, beside that program and without its lock; for
 * reading (backups). Null when none is running, or when it is PGlite, which lives inside its one process.
 */
export async function reachRunning(dataDir: string): Promise<pg.PoolConfig | null> {
  const dir = resolve(dataDir);
  if ((await readRecord(dir))?.kind !== 'postgres') return null;
  const running = await readPostmasterFile(clusterPaths(dir).cluster);
  if (!running?.ready || running.socketDirectory === null) return null;
  if (!existsSync(join(running.socketDirectory, SOCKET))) return null;
  return { host: running.socketDirectory, port: SOCKET_PORT, user: SUPERUSER, database: DATABASE };
}
