import { recordAudit } from '../audit/index.ts';
import type { Database, Transaction } from '../platform/database/index.ts';
import { SignalboxError } from '../platform/errors/index.ts';
import { recordFeed } from '../platform/feed/index.ts';
import type { Ids } from '../platform/ids/ids.ts';
import {
  type CreateProject,
  createProjectSchema,
  DEFAULT_PROJECT,
  type Project,
  type UpdateProject,
  updateProjectSchema,
} from './project.ts';
import { findProject, insertProject, listProjects, updateProject } from './project-store.ts';

/** Projects: who the rows belong to. */
export class Projects {
  readonly #database: Database;
  readonly #ids: Ids;

  constructor(parts: { database: Database; ids: Ids }) {
    this.#database = parts.database;
    this.#ids = parts.ids;
  }

  /** Makes sure that the default project exists; several nodes may do so at once. */
  async ensureDefault(): Promise<Project> {
    const there = await findProject(this.#database, DEFAULT_PROJECT);
    if (there) return there;
    return this.#database.transaction(async (tx) => {
      const made = await this.#insert(tx, { slug: DEFAULT_PROJECT, name: 'Default' }, 'system');
      return made ?? this.#found(DEFAULT_PROJECT, await findProject(tx, DEFAULT_PROJECT));
    });
  }

  /** @throws PROJECT_EXISTS */
  async create(input: CreateProject, actor: string): Promise<Project> {
    return this.#database.transaction(async (tx) => {
      const made = await this.#insert(tx, input, actor);
      if (!made) throw new SignalboxError('PROJECT_EXISTS', { slug: input.slug });
      return made;
    });
  }

  /** @param slugOrId either name of the project. @throws PROJECT_NOT_FOUND */
  async get(slugOrId: string): Promise<Project> {
    return this.#found(slugOrId, await findProject(this.#database, slugOrId));
  }

  /** A page of all projects by slug. */
  async list(page: number, pageSize: number): Promise<{ items: Project[]; total: number }> {
    return listProjects(this.#database, pageSize, (page - 1) * pageSize);
  }

  /** @throws PROJECT_NOT_FOUND, OPTIMISTIC_LOCK */
  async update(slugOrId: string, version: number, input: UpdateProject, actor: string): Promise<Project> {
    const changes = updateProjectSchema.parse(input);
    return this.#database.transaction(async (tx) => {
      const before = this.#found(slugOrId, await findProject(tx, slugOrId));
      const after = await updateProject(tx, before.id, version, changes);
      if (!after) {
        const now = this.#found(slugOrId, await findProject(tx, slugOrId));
        throw new SignalboxError('OPTIMISTIC_LOCK', {
          noun: 'project',
          id: now.id,
          expected: now.version,
          received: version,
        });
      }
      await recordAudit(tx, after.id, {
        actor,
        action: 'project.update',
        subjectType: 'project',
        subjectId: after.id,
        versionBefore: before.version,
        versionAfter: after.version,
        details: { fields: Object.keys(changes) },
      });
      await recordFeed(tx, after.id, 'project', { projectId: after.id, change: 'updated', version: after.version });
      return after;
    });
  }

  async #insert(tx: Transaction, input: CreateProject, actor: string): Promise<Project | null> {
    const { slug, name, settings } = createProjectSchema.parse(input);
    const project = await insertProject(tx, { id: this.#ids.uuid(), slug, name: name ?? slug, settings });
    if (!project) return null;
    await recordAudit(tx, project.id, {
      actor,
      action: 'project.create',
      subjectType: 'project',
      subjectId: project.id,
      versionAfter: project.version,
    });
    await recordFeed(tx, project.id, 'project', { projectId: project.id, change: 'created', version: project.version });
    return project;
  }

  #found(project: string, found: Project | null): Project {
    if (!found) throw new SignalboxError('PROJECT_NOT_FOUND', { project });
    return found;
  }
}
