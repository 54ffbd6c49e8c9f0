import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Knowledge } from '../../knowledge/index.ts';
import { systemClock } from '../../platform/clock/clock.ts';
import { statement } from '../../platform/database/index.ts';
import { SignalboxError } from '../../platform/errors/index.ts';
import { systemIds } from '../../platform/ids/ids.ts';
import { Specs } from '../../specs/index.ts';
import { insertTestProject, type TestBackend } from '../../testing/index.ts';
import { Workspaces } from '../../workspaces/index.ts';
import { type Committer, SourceControl, type SourceControlParts } from '../source-control.ts';

export type SourceRoom = Awaited<ReturnType<typeof openSourceRoom>>;

/** Source control on a database of its own; each repository is a workspace. */
export async function openSourceRoom(
  backend: TestBackend,
  more: Pick<SourceControlParts, 'provider' | 'retryDelayMs'> = {},
) {
  const opened = await backend.open();
  const { database } = opened;
  const root = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-source-')));
  const parts = { database, clock: systemClock, ids: systemIds };
  const workspaces = new Workspaces(parts);
  const knowledge = new Knowledge(parts);
  const specs = new Specs({ ...parts, knowledge });
  const projectId = await insertTestProject(database);
  let made = 0;
  return {
    root,
    database,
    projectId,
    workspaces,
    knowledge,
    specs,
    source: new SourceControl({ ...parts, workspaces, knowledge, specs, ...more }),
    /** A repository with these files in its one commit, and its workspace. */
    async repository(files: Record<string, string> = { 'a.txt': 'a\n' }): Promise<{ path: string; id: string }> {
      made += 1;
      const path = join(root, `repository-${made}`);
      await makeRepository(path, files);
      return { path, id: (await workspaces.create(projectId, { path }, 'me')).id };
    },
    async audited(id: string): Promise<unknown[]> {
      const sql = 'SELECT actor, action, details FROM audit_events WHERE subject_id = $1 ORDER BY id';
      return database.query(statement('test', sql), [id]);
    },
    /** What subscribers were told of a workspace. */
    async fed(workspaceId: string): Promise<unknown[]> {
      const sql = `SELECT payload FROM feed_entries WHERE topic = 'workspace' AND payload->>'workspaceId' = $1 ORDER BY id`;
      const rows = await database.query<{ payload: unknown }>(statement('test', sql), [workspaceId]);
      return rows.map(({ payload }) => payload);
    },
    async close(): Promise<void> {
      await opened.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}

export const ANN: Committer = { actor: 'ann', mayPublish: true };

/** A repository with these files in its one commit; without files it has none. */
export async function makeRepository(path: string, files: Record<string, string>): Promise<void> {
  await mkdir(path);
  userGit(path, 'init', '-q', '-b', 'main');
  userGit(path, 'config', 'user.name', 'Ulla');
  userGit(path, 'config', 'user.email', 'ulla@example.com');
  await write(path, files);
  userGit(path, 'add', '.');
  if (Object.keys(files).length > 0) userGit(path, 'commit', '-qm', 'Begin');
}

export async function write(path: string, files: Record<string, string>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), text);
  }
}

/** What a user's own git says, without its last newline. */
export function userGit(cwd: string, ...args: string[]): string {
  return execFileSync('git', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).replace(/\n$/, '');
}

/** The code of the error that a call ends with; null for none. */
export function codeOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => null,
    (error: unknown) => (SignalboxError.is(error) ? error.code : error),
  );
}
