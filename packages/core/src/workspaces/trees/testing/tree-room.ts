import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../platform/clock/clock.ts';
import { statement } from '../../../platform/database/index.ts';
import { systemIds } from '../../../platform/ids/ids.ts';
import { insertTestProject, insertTestSession, type TestBackend } from '../../../testing/index.ts';
import { Captures } from '../../captures.ts';
import type { Workspace } from '../../workspace.ts';
import { Workspaces } from '../../workspaces.ts';
import { WorkTrees } from '../work-trees.ts';

export type TreeRoom = Awaited<ReturnType<typeof openTreeRoom>>;

/** Work trees on a database of their own; each repository is a workspace. */
export async function openTreeRoom(backend: TestBackend) {
  const opened = await backend.open();
  const { database } = opened;
  const root = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-trees-')));
  const parts = { database, clock: systemClock, ids: systemIds };
  const workspaces = new Workspaces(parts);
  const captures = new Captures({ ...parts, directory: join(root, 'captures') });
  const directory = join(root, 'worktrees');
  const projectId = await insertTestProject(database);
  const sql = (text: string, values: unknown[]) =>
    database.query<Record<string, unknown>>(statement('test', text), values);
  let made = 0;
  return {
    opened,
    root,
    projectId,
    workspaces,
    trees: new WorkTrees({ ...parts, workspaces, captures, directory }),
    sql,
    /** A repository with these files in its one commit, and its workspace. */
    async repository(files: Record<string, string> = {}): Promise<{ path: string; workspace: Workspace }> {
      made += 1;
      const path = join(root, `repository-${made}`);
      await mkdir(path);
      userGit(path, 'init', '-q', '-b', 'main');
      userGit(path, 'config', 'user.name', 'Ulla');
      userGit(path, 'config', 'user.email', 'ulla@example.com');
      for (const [name, text] of Object.entries(files)) await writeFile(join(path, name), text);
      userGit(path, 'add', '.');
      if (Object.keys(files).length > 0) userGit(path, 'commit', '-qm', 'Begin');
      return { path, workspace: await workspaces.create(projectId, { path }, 'me') };
    },
    /** A session that may still run. */
    async session(workspace: Workspace) {
      return { id: await insertTestSession(database, projectId), projectId, workspaceId: workspace.id };
    },
    async end(sessionId: string): Promise<void> {
      await sql(`UPDATE sessions SET status = 'cancelled', version = version + 1 WHERE id = $1`, [sessionId]);
    },
    async close(): Promise<void> {
      await opened.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** What a user's own git says, without its last newline. */
export function userGit(cwd: string, ...args: string[]): string {
  return execFileSync('git', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).replace(/\n$/, '');
}
