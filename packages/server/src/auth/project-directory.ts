import type { Projects } from '@signalbox/core';

/** Enough for every project that is in use at a time. */
const REMEMBERED = 1000;

/** Ids of projects by slug or id. A slug never changes and a project never goes, so what was found once stays true. */
export class ProjectDirectory {
  readonly #projects: Pick<Projects, 'get'>;
  readonly #known = new Map<string, string>();

  constructor(projects: Pick<Projects, 'get'>) {
    this.#projects = projects;
  }

  /** @throws PROJECT_NOT_FOUND, DATABASE_UNAVAILABLE */
  async idOf(slugOrId: string): Promise<string> {
    const known = this.#known.get(slugOrId);
    if (known !== undefined) return known;
    const { id } = await this.#projects.get(slugOrId);
    if (this.#known.size >= REMEMBERED) this.#known.clear();
    this.#known.set(slugOrId, id);
    return id;
  }
}
