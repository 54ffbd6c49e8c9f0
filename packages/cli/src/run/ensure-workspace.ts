import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ApiError, type Client } from '@signalbox/client';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * The id of the workspace to run in: the one named, the one that the directory already is, or a new one.
 * @param named an id, a path, or nothing for the current directory.
 */
export async function ensureWorkspace(client: Client, cwd: string, named: string | undefined): Promise<string> {
  if (named !== undefined && UUID.test(named)) return named;
  const path = await realpath(resolve(cwd, named ?? '.'));
  try {
    return (await client.workspaces.create({ path })).id;
  } catch (error) {
    // Asking first would race with another run in the same directory; the refusal names the one that is there.
    if (ApiError.is(error, 'WORKSPACE_EXISTS') && typeof error.problem.id === 'string') return error.problem.id;
    throw error;
  }
}
