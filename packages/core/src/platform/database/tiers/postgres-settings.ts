import { existsSync } from 'node:fs';
import { chown, rename, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { PostgresAccount } from './postgres-account.ts';

/** The port only names the socket file. */
export const SOCKET_PORT = 5432;

/** Role and database of the embedded tier. */
export const SUPERUSER = 'postgres';
export const DATABASE = 'postgres';

/**
 * Settings for one program on a small machine. Commits are always durable; what is saved is memory, processes and log lines.
 */
function settings(socketDirectory: string): Record<string, string> {
  return {
    // Reached through its socket alone, by the one user who may enter that directory.
    listen_addresses: '',
    port: String(SOCKET_PORT),
    unix_socket_directories: socketDirectory,
    unix_socket_permissions: '0700',
    max_connections: '100',

    fsync: 'on',
    synchronous_commit: 'on',
    full_page_writes: 'on',
    // Nobody replicates from an embedded server and backups are logical, so the log needs to hold only what recovery does.
    wal_level: 'minimal',
    max_wal_senders: '0',
    max_logical_replication_workers: '0',
    max_wal_size: '512MB',
    min_wal_size: '64MB',

    shared_buffers: '64MB',
    effective_cache_size: '512MB',
    work_mem: '8MB',
    maintenance_work_mem: '64MB',
    // Asking for huge pages takes time at the start and rarely succeeds.
    huge_pages: 'off',
    io_method: 'sync',
    // Statements are short; workers would only take connections' memory and containers' small /dev/shm.
    max_parallel_workers_per_gather: '0',
    jit: 'off',
    autovacuum: 'on',

    timezone: 'UTC',
    log_timezone: 'UTC',
    lc_messages: 'C',
    default_text_search_config: 'pg_catalog.english',

    // Refused statements reach the program, which reports them; the log keeps the life of the server, so that it stays small.
    log_destination: 'stderr',
    logging_collector: 'off',
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    log_checkpoints: 'off',
  };
}

/**
 * Writes the server's configuration into its cluster. All of it is ours and written anew before each start, except `local.conf`, which is the
 * operator's and has the last word.
 */
export async function writeSettings(
  cluster: string,
  socketDirectory: string,
  account: PostgresAccount | null,
): Promise<void> {
  const lines = Object.entries(settings(socketDirectory)).map(
    ([key, value]) => `${key} = '${value.replaceAll("'", "''")}'`,
  );
  const local = existsSync(join(cluster, 'local.conf')) ? "include = 'local.conf'\n" : '';
  await writeOwned(
    join(cluster, 'postgresql.conf'),
    `# Written by Signalbox at each start. Put settings of your own into local.conf beside this file.\n${lines.join('\n')}\n${local}`,
    account,
  );
  // Only the user who runs the program may come in, as the kernel names the socket's other end: not other processes of the server's user.
  await writeOwned(join(cluster, 'pg_hba.conf'), 'local all all peer map=signalbox\n', account);
  await writeOwned(join(cluster, 'pg_ident.conf'), `signalbox "${userInfo().username}" ${SUPERUSER}\n`, account);
}

async function writeOwned(path: string, text: string, account: PostgresAccount | null): Promise<void> {
  const draft = `${path}.draft`;
  await writeFile(draft, text, { mode: 0o600 });
  if (account) await chown(draft, account.uid, account.gid);
  await rename(draft, path);
}
