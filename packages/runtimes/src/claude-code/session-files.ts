import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { RuntimeSessionRef } from '@signalbox/core';

/** Where Claude Code keeps what belongs to one project of ours: its sessions and settings. */
export function configDirectory(stateDir: string, projectId: string): string {
  return join(stateDir, encodeURIComponent(projectId).replaceAll('.', '%2E'));
}

/** Why a run could not go on from a session; null where its file is there. It lies in a folder named after the workspace. */
export async function whySessionGone(
  directory: string,
  { runtimeSessionId }: RuntimeSessionRef,
): Promise<string | null> {
  const projects = join(directory, 'projects');
  const gone = `Claude Code has no session ${runtimeSessionId} in ${projects}`;
  let folders: string[];
  try {
    folders = await readdir(projects);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return gone;
    throw error;
  }
  for (const folder of folders) {
    if ((await readdir(join(projects, folder))).includes(`${runtimeSessionId}.jsonl`)) return null;
  }
  return gone;
}
