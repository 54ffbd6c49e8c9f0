import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Io } from '../io.ts';

/** Where hooks keep what they must know between two calls: under the person's own state directory. */
export function stateHome(env: Io['env']): string {
  return join(env.XDG_STATE_HOME || join(env.HOME || homedir(), '.local', 'state'), 'signalbox');
}

/** The directory for one server and project: what is told to one is not told to another. */
export function hookPlace(env: Io['env'], url: string, project: string | undefined): string {
  const name = createHash('sha256')
    .update(`${url} ${project ?? ''}`)
    .digest('hex')
    .slice(0, 16);
  return join(stateHome(env), 'hooks', name);
}
