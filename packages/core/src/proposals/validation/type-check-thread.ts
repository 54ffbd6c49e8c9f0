import { Worker } from 'node:worker_threads';
import type { TypeChecked, TypeCheckStart } from './type-check.ts';

export type TypeCheckAnswer = TypeChecked | { failure: string };

/** Sources run as they are in development and compiled elsewhere; the thread's file has the ending of this one. */
const FILE = new URL(
  import.meta.url.endsWith('.ts') ? './type-check-worker.ts' : './type-check-worker.js',
  import.meta.url,
);
const MOST_MEGABYTES = 2_048;
const MOST_SECONDS = 180;

/** {@link checkTypes} in a thread of its own, with bounds; why not, where that did not come to its end. */
export async function checkTypesInThread(start: TypeCheckStart): Promise<TypeCheckAnswer> {
  const resourceLimits = { maxOldGenerationSizeMb: MOST_MEGABYTES };
  const worker = new Worker(FILE, { workerData: start, name: 'type check', resourceLimits });
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<TypeCheckAnswer>((resolve, reject) => {
      const late = `the compiler was not done after ${MOST_SECONDS} s`;
      timer = setTimeout(() => resolve({ failure: late }), MOST_SECONDS * 1_000);
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', () => resolve({ failure: 'the compiler ended before it was done' }));
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_WORKER_OUT_OF_MEMORY') throw error;
    return { failure: `the compiler takes more than ${MOST_MEGABYTES} MB` };
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}
