import type pg from 'pg';
import { PgliteThread } from './pglite-thread.ts';

/** A PGlite that keeps nothing, for tests and trials. */
export interface PgliteInMemory {
  /** For `new pg.Pool(…)`. */
  poolConfig: pg.PoolConfig;
  version: string;
  /** An image of the data as it is now; `openPgliteInMemory(image)` starts from it within a fraction of a second instead of several. */
  dump(): Promise<Uint8Array<ArrayBuffer>>;
  close(): Promise<void>;
}

/** Opens a PGlite in memory: from `image`, which is handed over and must not be used afterwards, else an empty one. */
export async function openPgliteInMemory(image: Uint8Array<ArrayBuffer> | null = null): Promise<PgliteInMemory> {
  const thread = await PgliteThread.start({ directory: null, image });
  return {
    poolConfig: thread.poolConfig(),
    version: thread.version,
    dump: () => thread.dump(),
    close: () => thread.close(),
  };
}
