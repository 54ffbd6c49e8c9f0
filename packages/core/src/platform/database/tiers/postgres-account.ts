import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A user of the operating system that PostgreSQL runs as. */
export interface PostgresAccount {
  name: string;
  uid: number;
  gid: number;
}

/** Accounts that a server may be left to, the likeliest first. */
const CANDIDATES = ['postgres', '_postgres', 'nobody'];

/**
 * PostgreSQL refuses to run as root. For root this is the unprivileged account to drop to: the owner of `existing` when that is there
 * (a cluster keeps its owner), else the first that this machine knows. For everybody else null: the server runs as ourselves.
 * `undefined` when we are root and there is no account to drop to.
 */
export async function postgresAccount(existing: string | null = null): Promise<PostgresAccount | null | undefined> {
  if (process.getuid?.() !== 0) return null;
  if (existing !== null) {
    const owner = await ownerOf(existing);
    if (owner !== null && owner !== 0) return lookUp(String(owner));
  }
  for (const name of CANDIDATES) {
    const account = await lookUp(name);
    if (account && account.uid !== 0) return account;
  }
  return undefined;
}

async function ownerOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).uid;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Asks the system's user database (files, LDAP, …) through `id`. */
async function lookUp(user: string): Promise<PostgresAccount | undefined> {
  try {
    const [uid, gid, name] = await Promise.all(
      ['-u', '-g', '-un'].map(async (option) => (await run('id', [option, user])).stdout.trim()),
    );
    return { name: name ?? user, uid: Number(uid), gid: Number(gid) };
  } catch (error) {
    // `id` exits with 1 for a user that does not exist.
    if ((error as { code?: unknown }).code === 1) return undefined;
    throw error;
  }
}
