import { mkdir, readFile, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createTwoFilesPatch } from 'diff';

/** What is to become of a file; null: it is to be gone. */
export interface FilePlan {
  path: string;
  before: Buffer | null;
  after: Buffer | null;
  /** A directory that goes with it, where nothing else is in it. */
  alsoDirectory?: string | null;
}

export async function bytesOf(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

export function isChange({ before, after }: FilePlan): boolean {
  return before === null ? after !== null : after === null || !before.equals(after);
}

/** The change as people read changes. */
export function diffOf({ path, before, after }: FilePlan): string {
  const [old, fresh] = [before, after].map((bytes) => bytes?.toString('utf8') ?? '');
  const name = (bytes: Buffer | null) => (bytes === null ? '/dev/null' : path);
  return createTwoFilesPatch(name(before), name(after), old as string, fresh as string, undefined, undefined, {
    context: 3,
  });
}

/** Carries it out, each file as a whole. Answers the directory that was made for it; null where there was one. */
export async function carryOut({ path, after, alsoDirectory }: FilePlan): Promise<string | null> {
  if (after === null) {
    await rm(path, { force: true });
    // One that others have put something into stays.
    if (alsoDirectory) await rmdir(alsoDirectory).catch(() => undefined);
    return null;
  }
  const directory = dirname(path);
  const made = (await mkdir(directory, { recursive: true })) ?? null;
  const mode = await stat(path).then(
    (known) => known.mode & 0o777,
    () => 0o644,
  );
  const temporary = `${path}.signalbox-tmp`;
  await writeFile(temporary, after, { mode });
  await rename(temporary, path);
  return made;
}
