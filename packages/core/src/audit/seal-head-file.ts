import { appendFile, readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { SealHead } from './seal.ts';

const headSchema = z.object({
  projectId: z.string(),
  number: z.int(),
  lastPosition: z.int(),
  seal: z.string(),
  sealedAt: z.string(),
});

/** Keeps a seal's head at the end of a file of JSON lines, readable by its owner only; on disk when it resolves. */
export async function keepSealHead(path: string, head: SealHead): Promise<void> {
  // Begun with a line end too, so that a line cut short by a crash spoils no other.
  await appendFile(path, `\n${JSON.stringify(head)}\n`, { mode: 0o600, flush: true });
}

/**
 * The heads that were kept, oldest first; none when there is no file yet. Lines cut short by a crash are left out.
 * @throws SyntaxError, ZodError when a whole line cannot be read
 */
export async function readSealHeads(path: string): Promise<SealHead[]> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return text
    .split('\n')
    .filter((line) => line.endsWith('}'))
    .map((line) => headSchema.parse(JSON.parse(line)));
}
