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

/** Why a directory stays: others have put something into it, or it is gone already. */
const STAYS = ['ENOTEMPTY', 'EEXIST', 'ENOENT'];

export async function bytesOf(path: string): Promise<Buffer | null> {
  return unless(['ENOENT'], readFile(path));
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
    if (alsoDirectory) await unless(STAYS, rmdir(alsoDirectory));
    return null;
  }
  const directory = dirname(path);
  const made = (await mkdir(directory, { recursive: true })) ?? null;
  const known = await unless(['ENOENT'], stat(path));
  const temporary = `${path}.signalbox-tmp`;
  await writeFile(temporary, after, { mode: known ? known.mode & 0o777 : 0o644 });
  await rename(temporary, path);
  return made;
}

/** Null where it failed for one of the reasons that are expected. */
async function unless<T>(codes: readonly string[], work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (codes.includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}
