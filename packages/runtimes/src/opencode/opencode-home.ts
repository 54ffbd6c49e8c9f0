import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The directories that stand in for the user's own, so that no run reads or changes the user's OpenCode. */
export interface OpencodeHome {
  directory: string;
  /** What the program needs in its environment to live here. */
  environment: Readonly<Record<string, string>>;
}

/** OpenCode installs this package into each of its configuration directories, from the network, unless it is noted there. */
const INSTALLED_PACKAGE = '@opencode-ai/plugin';

const DATA = 'data';

/** Where OpenCode keeps the sessions of one project. */
export function sessionStorage(stateDir: string, projectId: string): string {
  return join(homeOf(stateDir, projectId), DATA, 'opencode');
}

function homeOf(stateDir: string, projectId: string): string {
  return join(stateDir, encodeURIComponent(projectId).replaceAll('.', '%2E'));
}

/**
 * Prepares the directory in which OpenCode keeps the sessions of one project. It is kept: a later run continues or forks
 * them from there. Any number of runs share it, as several OpenCode programs of one user do.
 *
 * @param stateDir the runtime's directory; @param projectId names the folder in it.
 */
export async function prepareHome(stateDir: string, projectId: string): Promise<OpencodeHome> {
  const directory = homeOf(stateDir, projectId);
  const folder = (name: string) => join(directory, name);
  const configuration = join(folder('config'), 'opencode');
  await mkdir(join(configuration, 'node_modules'), { recursive: true, mode: 0o700 });
  for (const name of ['home', DATA, 'cache', 'state']) await mkdir(folder(name), { recursive: true, mode: 0o700 });
  // A note that the package is there. Only plugins in this directory import it, and there are none.
  await writeFile(
    join(configuration, 'package-lock.json'),
    JSON.stringify({ lockfileVersion: 3, packages: { '': { dependencies: { [INSTALLED_PACKAGE]: '*' } } } }),
    { mode: 0o600 },
  );
  return {
    directory,
    environment: {
      HOME: folder('home'),
      XDG_CONFIG_HOME: folder('config'),
      XDG_DATA_HOME: folder(DATA),
      XDG_CACHE_HOME: folder('cache'),
      XDG_STATE_HOME: folder('state'),
    },
  };
}
