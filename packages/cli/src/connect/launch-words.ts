import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Io } from '../io.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/signalbox.mjs', import.meta.url));

/** The words by which an agent can start this program: its name where that is on the PATH, else where it lies. */
export function launchWords(env: Io['env']): string[] {
  const onPath = (env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, 'signalbox'), constants.X_OK);
      return folder !== '' && !folder.endsWith(join('node_modules', '.bin'));
    } catch {
      return false;
    }
  });
  const conditions = process.execArgv.filter((word) => word.startsWith('--conditions'));
  return onPath ? ['signalbox'] : [process.execPath, ...conditions, PROGRAM];
}
