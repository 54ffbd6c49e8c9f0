import { open, rename, stat } from 'node:fs/promises';

/** Where an archive is written until it is complete; nobody takes it for one under this name. */
export const draftOf = (file: string): string => `${file}.partial`;

/** Gives a complete draft its name once it is on disk: after a crash the file is there whole or not at all. Answers its size in bytes. */
export async function keepDraft(file: string): Promise<number> {
  const draft = await open(draftOf(file), 'r');
  try {
    await draft.sync();
  } finally {
    await draft.close();
  }
  await rename(draftOf(file), file);
  return (await stat(file)).size;
}
