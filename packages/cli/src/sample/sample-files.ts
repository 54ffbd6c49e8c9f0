import { cp, mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The example as it comes with the repository; `src` and `dist` lie equally deep. */
const EXAMPLE = fileURLToPath(new URL('../../../../examples/first-session', import.meta.url));

export interface SampleFiles {
  /** The small repository with a failing test. */
  workspace: string;
  /** The script that mends it. */
  agent: string;
}

/** Copies the example into the data directory, afresh. */
export async function copySample(dataDir: string): Promise<SampleFiles> {
  const target = join(resolve(dataDir), 'samples', 'first-session');
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  await cp(EXAMPLE, target, { recursive: true });
  return { workspace: join(target, 'workspace'), agent: join(target, 'agent.mjs') };
}
