import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { SignalboxError } from '../../errors/index.ts';

const recordSchema = z.strictObject({
  /** Of this file. */
  format: z.literal(1),
  kind: z.enum(['postgres', 'pglite']),
  postgresMajor: z.string().regex(/^\d+$/),
  /** Signalbox's version that made the directory. */
  createdBy: z.string(),
  createdAt: z.iso.datetime(),
});

/** What a data directory holds; decided once, when it is made, and kept. */
export type DataDirectoryRecord = z.infer<typeof recordSchema>;

const NAME = 'database.json';

/**
 * The record of a data directory; null for a new one.
 *
 * @throws SignalboxError DATA_DIRECTORY_UNUSABLE when the record cannot be understood
 */
export async function readRecord(dir: string): Promise<DataDirectoryRecord | null> {
  let text: string;
  try {
    text = await readFile(join(dir, NAME), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    return recordSchema.parse(JSON.parse(text));
  } catch (error) {
    const what = error instanceof z.ZodError ? z.prettifyError(error).replace(/\s+/g, ' ') : 'it is not JSON';
    throw new SignalboxError(
      'DATA_DIRECTORY_UNUSABLE',
      {
        dir,
        reason: `its file ${NAME} is damaged (${what})`,
        advice: `Put it back from a backup; it says which engine holds the data: {"format": 1, "kind": "postgres" or "pglite", "postgresMajor": …, "createdBy": …, "createdAt": …}.`,
      },
      { cause: error },
    );
  }
}

/** Writes the record so that after a crash it is there whole or not at all. */
export async function writeRecord(dir: string, record: DataDirectoryRecord): Promise<void> {
  const draft = join(dir, `${NAME}.draft`);
  const file = await open(draft, 'w', 0o644);
  try {
    await file.writeFile(`${JSON.stringify(recordSchema.parse(record), null, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, join(dir, NAME));
}

/** @throws SignalboxError DATA_DIRECTORY_OTHER_MAJOR when the data was made by another major than `expected` */
export function assertMajor(dir: string, found: string, expected: string): void {
  if (found === expected) return;
  throw new SignalboxError('DATA_DIRECTORY_OTHER_MAJOR', {
    dir,
    found,
    expected,
    advice:
      'Run `signalbox export <file>` with the version of Signalbox that made it, then `signalbox import <file>` with this one into a new data directory.',
  });
}
