import { chmod, mkdir, open, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SignalboxError } from '../../errors/index.ts';

/** What people can do about a fault of the file system, by its code. */
const FAULTS: Record<string, { reason: string; advice: string }> = {
  ENOSPC: { reason: 'the disk is full', advice: 'Free some space (64 MB at the least) and start again.' },
  EDQUOT: { reason: 'the disk quota is used up', advice: 'Free some space (64 MB at the least) and start again.' },
  EROFS: {
    reason: 'it is on a read-only file system',
    advice: 'Remount it writable, or choose another with SIGNALBOX_DATA_DIR.',
  },
  EACCES: {
    reason: 'this user may not write there',
    advice: 'Correct its owner or mode, or choose another with SIGNALBOX_DATA_DIR.',
  },
  EPERM: {
    reason: 'this user may not write there',
    advice: 'Correct its owner or mode, or choose another with SIGNALBOX_DATA_DIR.',
  },
  ENOTDIR: { reason: 'a part of its path is a file', advice: 'Choose another with SIGNALBOX_DATA_DIR.' },
  EEXIST: { reason: 'it is a file', advice: 'Choose another with SIGNALBOX_DATA_DIR.' },
  EIO: { reason: 'the disk reports errors', advice: 'Check the disk and restore a backup.' },
};

/** The same faults as PostgreSQL words them in its log (always English: it runs with LC_ALL=C). */
const WORDED: [RegExp, string][] = [
  [/No space left on device/, 'ENOSPC'],
  [/Disk quota exceeded/, 'EDQUOT'],
  [/Read-only file system/, 'EROFS'],
  [/Permission denied/, 'EACCES'],
  [/Input\/output error/, 'EIO'],
];

/**
 * Makes the data directory where it is missing and proves that it takes a durable write.
 *
 * As root it lets others pass through (mode 0711) but not list it: PostgreSQL has to run as another user, in a directory of its own below.
 *
 * @throws SignalboxError DATA_DIRECTORY_UNUSABLE
 */
export async function prepareDataDirectory(dir: string): Promise<void> {
  try {
    if (await makeDirectory(dir)) {
      await chmod(dir, process.getuid?.() === 0 ? 0o711 : 0o700);
      // By default it lies in somebody's project: it must not show up in what they commit.
      await writeFile(join(dir, '.gitignore'), '*\n');
    }
    const probe = join(dir, `.probe-${process.pid}`);
    const file = await open(probe, 'w', 0o600);
    try {
      await file.writeFile(Buffer.alloc(8192));
      await file.sync();
    } finally {
      await file.close();
      await rm(probe, { force: true });
    }
  } catch (error) {
    throw unusable(dir, error);
  }
}

/**
 * Words a fault of the file system, or of a server that met one, for people. Errors that are neither come back as they are.
 */
export function unusable(dir: string, error: unknown): unknown {
  if (!(error instanceof Error) || SignalboxError.is(error)) return error;
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const fault = FAULTS[code] ?? FAULTS[WORDED.find(([pattern]) => pattern.test(error.message))?.[1] ?? ''];
  if (!fault) return error;
  return new SignalboxError('DATA_DIRECTORY_UNUSABLE', { dir, ...fault }, { cause: error });
}

/**
 * Makes a directory and those above it; true when it was not there. Node's own recursive `mkdir` answers ENOENT on a read-only file system, which
 * tells nobody anything.
 */
async function makeDirectory(dir: string): Promise<boolean> {
  try {
    await mkdir(dir);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && dirname(dir) !== dir) {
      await makeDirectory(dirname(dir));
      return makeDirectory(dir);
    }
    if ((await stat(dir).catch(() => null))?.isDirectory()) return false;
    throw error;
  }
}
