import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleProgram } from '../../../../scripts/launcher/bundle.mjs';

/** The processes of the chaos as one program, in a directory of its own. */
export interface JoinedParts {
  script: string;
  remove(): Promise<void>;
}

export async function joinParts(): Promise<JoinedParts> {
  const folder = await mkdtemp(join(tmpdir(), 'signalbox-chaos-'));
  const entry = fileURLToPath(new URL('./queue-parts.ts', import.meta.url));
  await bundleProgram({ entry, folder: join(folder, 'program'), conditions: ['source'] });
  return {
    script: join(folder, 'program', 'signalbox.js'),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
