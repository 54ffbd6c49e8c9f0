import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { type Core, createCore } from '../../../core.ts';
import { statement } from '../../../platform/database/index.ts';
import { SignalboxError } from '../../../platform/errors/index.ts';
import type { Session, SessionStatus } from '../../../sessions/index.ts';
import type { TestBackend } from '../../../testing/index.ts';
import type { PathPolicy } from '../path-policy.ts';

/** The house on a database of its own, with workspaces in a temporary directory. */
export interface PathFixture {
  core: Core;
  projectId: string;
  /** Makes a workspace with a directory of its own, and has `running` use it from then on. Answers the directory. */
  newWorkspace(): Promise<string>;
  workspaceId(): string;
  /** A running session that its caller drives. */
  running(priority?: number): Promise<Session>;
  /** Brings a session to a status, as its caller or operator. */
  end(sessionId: string, status: SessionStatus): Promise<Session>;
  /** Runs SQL past the rooms. */
  sql<Row = Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}

export async function openPathFixture(backend: TestBackend, paths: PathPolicy): Promise<PathFixture> {
  const { database, close } = await backend.open();
  const root = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-paths-')));
  const core = createCore({ database, dataDir: root, nodeId: 'test', logger: pino({ level: 'silent' }), paths });
  const { id: projectId } = await core.projects.ensureDefault();
  let workspaceId = '';
  let made = 0;
  return {
    core,
    projectId,
    newWorkspace: async () => {
      const directory = join(root, `work-${++made}`);
      await mkdir(directory);
      workspaceId = (await core.workspaces.create(projectId, { path: directory }, 'me')).id;
      return directory;
    },
    workspaceId: () => workspaceId,
    running: (priority = 2) =>
      core.sessions.create(
        projectId,
        { title: `Work no. ${++made}`, initialPrompt: 'do it', workspaceId, priority, start: true },
        'me',
      ),
    end: (id, status) => core.sessions.update(projectId, id, { status }, 'me'),
    sql: <Row>(text: string, values: readonly unknown[] = []) => database.query<Row>(statement('test', text), values),
    close: async () => {
      await core.close();
      await close();
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** The code of the error a call ends with, or null when it succeeds. Other errors are thrown on. */
export async function codeOf(call: Promise<unknown>): Promise<string | null> {
  try {
    await call;
    return null;
  } catch (error) {
    if (SignalboxError.is(error)) return error.code;
    throw error;
  }
}
