import type { Database } from '../../platform/database/index.ts';
import type { RollbackFigures } from './rollback-figures.ts';
import {
  countFailures,
  countOperations,
  countRollbacks,
  measureMemory,
  projectsWithRollbacks,
} from './rollback-figures-store.ts';

/** The figures as the tables of points and operations have them. */
export class StoredFigures implements RollbackFigures {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  projects(): ReturnType<RollbackFigures['projects']> {
    return projectsWithRollbacks(this.#database);
  }

  totals(projectId: string): ReturnType<RollbackFigures['totals']> {
    return countRollbacks(this.#database, projectId);
  }

  activeCount(projectId: string): Promise<number> {
    return countOperations(this.#database, projectId, 'in_progress');
  }

  pendingCount(projectId: string): Promise<number> {
    return countOperations(this.#database, projectId, 'pending');
  }

  recentFailures(projectId: string, since: Date): Promise<number> {
    return countFailures(this.#database, projectId, since);
  }

  memory(projectId: string): Promise<number> {
    return measureMemory(this.#database, projectId);
  }
}
