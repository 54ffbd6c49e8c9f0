import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  realpath,
  rm,
  rmdir,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { systemClock } from '../../../platform/clock/clock.ts';
import type { Database } from '../../../platform/database/index.ts';
import { systemIds } from '../../../platform/ids/ids.ts';
import { createSessions, type Sessions } from '../../../sessions/index.ts';
import { TaskQueue } from '../../../tasks/index.ts';
import { insertTestProject } from '../../../testing/index.ts';
import {
  Captures,
  git,
  gitText,
  type Workspace,
  type WorkspaceChain,
  type WorkspaceChange,
  WorkspaceChanges,
  Workspaces,
} from '../../../workspaces/index.ts';
import type { CreateUndo, Undo } from '../undo.ts';
import type { UndoParts } from '../undo-parts.ts';
import { Undos } from '../undos.ts';
import type { TestFiles } from './tree-room.ts';

/** A workspace on disk whose changes are attributed as the test says, with undo over it. */
export class UndoRoom {
  readonly directory: string;
  readonly projectId: string;
  readonly workspace: Workspace;
  readonly sessions: Sessions;
  readonly chain: WorkspaceChain;
  readonly parts: UndoParts;
  readonly errors: unknown[] = [];
  readonly undos: Undos;
  readonly #root: string;

  private constructor(
    made: Pick<UndoRoom, 'projectId' | 'workspace' | 'sessions' | 'chain'> & { parts: UndoParts; root: string },
  ) {
    this.#root = made.root;
    this.directory = made.workspace.path;
    this.projectId = made.projectId;
    this.workspace = made.workspace;
    this.sessions = made.sessions;
    this.chain = made.chain;
    this.parts = { ...made.parts, onError: (error) => this.errors.push(error) };
    this.undos = new Undos(this.parts);
  }

  /** @param repository whether the workspace is a git repository of its user's. */
  static async open(database: Database, { repository = false } = {}): Promise<UndoRoom> {
    const root = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-undo-room-')));
    const directory = join(root, 'work');
    await mkdir(directory);
    if (repository) {
      await git(['init', '--quiet', '-b', 'main'], { cwd: directory });
      await git(['config', 'user.name', 'Somebody'], { cwd: directory });
      await git(['config', 'user.email', 'somebody@example.org'], { cwd: directory });
    }
    const parts = { database, clock: systemClock, ids: systemIds };
    const projectId = await insertTestProject(database);
    const workspaces = new Workspaces(parts);
    const workspace = await workspaces.create(projectId, { path: directory }, 'tester');
    const captures = new Captures({ ...parts, directory: join(root, 'captures') });
    const chain = captures.chain(workspace);
    const sessions = createSessions({ ...parts, tasks: new TaskQueue(parts), workspaces });
    const undoParts: UndoParts = {
      ...parts,
      nodeId: 'node-1',
      workspaces,
      captures,
      changes: new WorkspaceChanges({ ...parts, workspaces, captures }),
      sessions,
      onError: () => undefined,
    };
    return new UndoRoom({ projectId, workspace, sessions, chain, parts: undoParts, root });
  }

  async close(): Promise<void> {
    await this.undos.close();
    await rm(this.#root, { recursive: true, force: true });
  }

  /** A running session that its caller drives. */
  async session(title: string): Promise<string> {
    const made = { title, initialPrompt: 'do it', workspaceId: this.workspace.id };
    const { id } = await this.sessions.create(this.projectId, made, 'tester');
    await this.sessions.start(this.projectId, id, 'tester');
    return id;
  }

  /** Does something to the files as a call of a session's; answers the changes that were found. */
  async as(sessionId: string, work: () => Promise<unknown>, callId = systemIds.uuid()): Promise<WorkspaceChange[]> {
    return this.asAll([sessionId], work, callId);
  }

  /** Does something while calls of several sessions are open, so that nobody can tell whose it is. */
  async asAll(sessionIds: readonly string[], work: () => Promise<unknown>, callId = systemIds.uuid()) {
    for (const sessionId of sessionIds) {
      await this.chain.openWindow({ sessionId, callId, tool: 'bash', actor: 'agent', attempt: 1 }, null);
    }
    await work();
    const [first, ...others] = sessionIds as [string, ...string[]];
    const { changes } = await this.chain.closeWindow(first, callId);
    for (const sessionId of others) await this.chain.closeWindow(sessionId, callId);
    return changes;
  }

  /** Begins a call that may write, so that whoever wants the files alone waits; answers what ends it. */
  async openCall(sessionId: string): Promise<() => Promise<unknown>> {
    const callId = systemIds.uuid();
    await this.chain.openWindow({ sessionId, callId, tool: 'bash', actor: 'agent', attempt: 1 }, null);
    return () => this.chain.closeWindow(sessionId, callId);
  }

  /** Does something to the files as a person does: while no call is open. */
  async asPerson(work: () => Promise<unknown>): Promise<WorkspaceChange[]> {
    await this.chain.step('look');
    await work();
    return (await this.chain.step('look')).changes;
  }

  /** Undoes and waits until it is over. */
  async undo(input: CreateUndo): Promise<Undo> {
    const { id } = await this.undos.create(this.projectId, input, 'tester');
    return this.undos.finished(this.projectId, id);
  }

  async write(path: string, content: string | Buffer, mode = 0o644): Promise<void> {
    const full = join(this.directory, path);
    await mkdir(dirname(full), { recursive: true });
    await rm(full, { force: true });
    await writeFile(full, content);
    await chmod(full, mode);
  }

  async link(path: string, target: string): Promise<void> {
    const full = join(this.directory, path);
    await mkdir(dirname(full), { recursive: true });
    await rm(full, { force: true });
    await symlink(target, full);
  }

  /** Brings the files from one state to another; what is the same in both is not touched. Directories that are empty then go. */
  async become(from: TestFiles, to: TestFiles): Promise<void> {
    const differs = (path: string) => JSON.stringify(from[path]) !== JSON.stringify(to[path]);
    for (const path of Object.keys(from)) {
      if (to[path]) continue;
      await this.remove(path);
      await this.#removeEmptyAbove(path);
    }
    for (const [path, { mode, content }] of Object.entries(to)) {
      if (!differs(path)) continue;
      if (mode === '120000') await this.link(path, content);
      else await this.write(path, Buffer.from(content, 'latin1'), mode === '100755' ? 0o755 : 0o644);
    }
  }

  async #removeEmptyAbove(path: string): Promise<void> {
    for (let above = dirname(path); above !== '.'; above = dirname(above)) {
      if ((await readdir(join(this.directory, above))).length > 0) return;
      await rmdir(join(this.directory, above));
    }
  }

  remove(path: string): Promise<void> {
    return rm(join(this.directory, path), { recursive: true });
  }

  read(path: string): Promise<string> {
    return readFile(join(this.directory, path), 'utf8');
  }

  git(...args: string[]): Promise<string> {
    return gitText(args, { cwd: this.directory, asUser: true });
  }

  /** All that stands in the workspace: kinds, modes and contents by path; the user's repository left out. */
  async state(below = ''): Promise<Record<string, string>> {
    const found: Record<string, string> = {};
    for (const name of (await readdir(join(this.directory, below))).sort()) {
      if (name === '.git') continue;
      const path = below === '' ? name : `${below}/${name}`;
      const full = join(this.directory, path);
      const facts = await lstat(full);
      if (facts.isDirectory()) Object.assign(found, { [`${path}/`]: 'directory' }, await this.state(path));
      else if (facts.isSymbolicLink()) found[path] = `link to ${await readlink(full)}`;
      else found[path] = `${(facts.mode & 0o777).toString(8)} ${(await readFile(full)).toString('latin1')}`;
    }
    return found;
  }
}
