import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Clock } from '../../clock/clock.ts';
import { SignalboxError } from '../../errors/index.ts';
import { DataDirectoryLock } from './data-directory-lock.ts';
import { type DataDirectoryRecord, readRecord } from './data-directory-record.ts';

/** What can be said of a data directory without opening its database. */
export interface DataDirectoryReport {
  /** Absolute path. */
  dir: string;
  exists: boolean;
  /** Whether this user may write in it, or make it where it does not exist. */
  writable: boolean;
  /** Which engine it was made with; null for a new one. */
  record: DataDirectoryRecord | null;
  /** The program that uses it at the moment, for people; null where there is none. */
  holder: string | null;
}

/**
 * Looks at a data directory and leaves it as it is; for `signalbox doctor`.
 *
 * @throws SignalboxError DATA_DIRECTORY_UNUSABLE when its record is damaged
 */
export async function inspectDataDirectory(dataDir: string, clock: Clock): Promise<DataDirectoryReport> {
  const dir = resolve(dataDir);
  const exists = await may(dir, constants.F_OK);
  if (!exists) return { dir, exists, writable: await canBeMade(dir), record: null, holder: null };
  const writable = await may(dir, constants.W_OK);
  const record = await readRecord(dir);
  return { dir, exists, writable, record, holder: writable && record ? await holderOf(dir, clock) : null };
}

/** Taking the lock for a moment is the only sure way to learn whether somebody has it. */
async function holderOf(dir: string, clock: Clock): Promise<string | null> {
  try {
    await (await DataDirectoryLock.take(dir, clock)).release();
    return null;
  } catch (error) {
    if (SignalboxError.is(error, 'DATA_DIRECTORY_IN_USE')) return String(error.details.holder);
    throw error;
  }
}

async function canBeMade(dir: string): Promise<boolean> {
  const parent = dirname(dir);
  if (parent === dir) return false;
  return (await may(parent, constants.F_OK)) ? may(parent, constants.W_OK) : canBeMade(parent);
}

async function may(path: string, mode: number): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  );
}
