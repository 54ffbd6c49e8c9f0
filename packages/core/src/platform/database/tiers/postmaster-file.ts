import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What a running PostgreSQL says of itself in `postmaster.pid`. */
export interface PostmasterFile {
  pid: number;
  /** The data directory it serves, as it was given to the server. */
  dataDirectory: string;
  port: number;
  /** The directory of its unix socket; null where it has none. */
  socketDirectory: string | null;
  /** True once it accepts connections. */
  ready: boolean;
}

/**
 * Reads `postmaster.pid` of a cluster. Null when there is none, or when it is only half written (the server is just coming up). The file
 * outlives a server that was killed: whether the process still runs is for the caller to find out.
 */
export async function readPostmasterFile(cluster: string): Promise<PostmasterFile | null> {
  let text: string;
  try {
    text = await readFile(join(cluster, 'postmaster.pid'), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const lines = text.split('\n').map((line) => line.trim());
  const pid = Number(lines[0]);
  const port = Number(lines[3]);
  if (!Number.isInteger(pid) || pid <= 0 || !Number.isInteger(port)) return null;
  return {
    pid,
    dataDirectory: lines[1] ?? '',
    port,
    socketDirectory: lines[4] || null,
    ready: lines[7] === 'ready',
  };
}
