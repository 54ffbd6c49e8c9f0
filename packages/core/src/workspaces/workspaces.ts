import { basename } from 'node:path';
import { recordAudit } from '../audit/index.ts';
import type { Database, Transaction } from '../platform/database/index.ts';
import { SignalboxError } from '../platform/errors/index.ts';
import { recordFeed } from '../platform/feed/index.ts';
import type { Ids } from '../platform/ids/ids.ts';
import {
  type CreateWorkspace,
  createWorkspaceSchema,
  type UpdateWorkspace,
  updateWorkspaceSchema,
  type Workspace,
} from './workspace.ts';
import { type FileContent, type FileEntry, listDirectory, readFileText } from './workspace-files.ts';
import { realWorkspacePath } from './workspace-path.ts';
import { getWorkspace, insertWorkspace, listWorkspaces, workspaceByPath, writeWorkspace } from './workspace-store.ts';

/** Workspaces: the directories in which agents work. Nothing here ever changes a file of theirs. */
export class Workspaces {
  readonly #database: Database;
  readonly #ids: Ids;

  constructor(parts: { database: Database; ids: Ids }) {
    this.#database = parts.database;
    this.#ids = parts.ids;
  }

  /** @throws WORKSPACE_PATH_INVALID, WORKSPACE_EXISTS */
  async create(projectId: string, input: CreateWorkspace, actor: string): Promise<Workspace> {
    const { path, name, metadata } = createWorkspaceSchema.parse(input);
    const real = await realWorkspacePath(path);
    return this.#database.transaction(async (tx) => {
      const draft = { id: this.#ids.uuid(), name: name ?? basename(real), path: real, metadata };
      const made = await insertWorkspace(tx, projectId, draft);
      if (!made) {
        const there = await workspaceByPath(tx, projectId, real);
        throw new SignalboxError('WORKSPACE_EXISTS', { path: real, id: there?.id ?? 'gone meanwhile' });
      }
      await this.#record(tx, made, 'create', actor, null);
      return made;
    });
  }

  /** The workspace of a directory, made if there is none yet. @throws WORKSPACE_PATH_INVALID */
  async ensure(projectId: string, path: string, actor: string): Promise<Workspace> {
    const real = await realWorkspacePath(path);
    const there = await workspaceByPath(this.#database, projectId, real);
    if (there) return there;
    try {
      return await this.create(projectId, { path: real }, actor);
    } catch (error) {
      const other =
        SignalboxError.is(error, 'WORKSPACE_EXISTS') && (await workspaceByPath(this.#database, projectId, real));
      if (other) return other;
      throw error;
    }
  }

  /** The workspace that a directory is already; null where it is none. @throws WORKSPACE_PATH_INVALID */
  async find(projectId: string, path: string): Promise<Workspace | null> {
    return workspaceByPath(this.#database, projectId, await realWorkspacePath(path));
  }

  /** @throws WORKSPACE_NOT_FOUND */
  async get(projectId: string, id: string, tx?: Transaction): Promise<Workspace> {
    return found(id, await getWorkspace(tx ?? this.#database, projectId, id));
  }

  async list(projectId: string, page: number, pageSize: number): Promise<{ items: Workspace[]; total: number }> {
    return listWorkspaces(this.#database, projectId, pageSize, (page - 1) * pageSize);
  }

  /** @throws WORKSPACE_NOT_FOUND, OPTIMISTIC_LOCK */
  async update(
    projectId: string,
    id: string,
    version: number,
    input: UpdateWorkspace,
    actor: string,
  ): Promise<Workspace> {
    return this.#write(projectId, id, version, updateWorkspaceSchema.parse(input), 'update', actor);
  }

  /** Forgets the workspace; its files and the history of its sessions stay. @throws WORKSPACE_NOT_FOUND, OPTIMISTIC_LOCK */
  async delete(projectId: string, id: string, version: number, actor: string): Promise<Workspace> {
    return this.#write(projectId, id, version, { deleted: true }, 'delete', actor);
  }

  /** Entries of a directory inside the workspace, by name. @throws WORKSPACE_NOT_FOUND, PATH_OUTSIDE_WORKSPACE, FILE_NOT_FOUND */
  async listFiles(projectId: string, id: string, path: string): Promise<FileEntry[]> {
    return listDirectory((await this.get(projectId, id)).path, path);
  }

  /** Text of a file inside the workspace. @throws WORKSPACE_NOT_FOUND, PATH_OUTSIDE_WORKSPACE, FILE_NOT_FOUND */
  async readFile(projectId: string, id: string, path: string): Promise<FileContent> {
    return readFileText((await this.get(projectId, id)).path, path);
  }

  async #write(
    projectId: string,
    id: string,
    version: number,
    changes: Parameters<typeof writeWorkspace>[4],
    verb: 'update' | 'delete',
    actor: string,
  ): Promise<Workspace> {
    return this.#database.transaction(async (tx) => {
      const after = await writeWorkspace(tx, projectId, id, version, changes);
      if (!after) {
        const there = found(id, await getWorkspace(tx, projectId, id));
        throw new SignalboxError('OPTIMISTIC_LOCK', {
          noun: 'workspace',
          id,
          expected: there.version,
          received: version,
        });
      }
      await this.#record(tx, after, verb, actor, version);
      return after;
    });
  }

  async #record(
    tx: Transaction,
    workspace: Workspace,
    verb: string,
    actor: string,
    before: number | null,
  ): Promise<void> {
    await recordAudit(tx, workspace.projectId, {
      actor,
      action: `workspace.${verb}`,
      subjectType: 'workspace',
      subjectId: workspace.id,
      versionBefore: before,
      versionAfter: workspace.version,
      details: { path: workspace.path },
    });
    const payload = { workspaceId: workspace.id, change: `${verb}d`, version: workspace.version };
    await recordFeed(tx, workspace.projectId, 'workspace', payload);
  }
}

function found(id: string, workspace: Workspace | null): Workspace {
  if (!workspace) throw new SignalboxError('WORKSPACE_NOT_FOUND', { id });
  return workspace;
}
