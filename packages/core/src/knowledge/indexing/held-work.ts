import type { Database, Transaction } from '../../platform/database/index.ts';
import type { Ingest } from '../ingest/batch.ts';
import type { Knowledge } from '../knowledge.ts';
import type { IndexJob, IndexProgress } from './index-job.ts';
import { writeIndexPlan, writeIndexProgress } from './index-job-store.ts';
import type { IndexPlan } from './index-protocol.ts';
import type { IndexedFile } from './indexed-file.ts';
import { forgetIndexedFiles, writeIndexedFiles } from './indexed-file-store.ts';

const ACTOR = 'indexer';
const NOTHING: IndexProgress = { files: 0, entities: 0, relationships: 0, problems: [] };

/** Part of what there is to say, which is taken in whole or not at all. */
export interface WorkPart {
  units: NonNullable<Ingest['units']>;
  /** Read by this. */
  files?: readonly IndexedFile[];
  /** Paths of files that are no more. */
  gone?: readonly string[];
  done?: IndexProgress;
}

/**
 * What a piece of work writes, for as long as it is held by whoever has it. A process that stood still, as a laptop that slept, may write
 * on after another took its work up: the number of the attempt is looked at in the same transaction, so nothing of that stays.
 */
export class HeldWork {
  readonly #database: Database;
  readonly #knowledge: Knowledge;
  readonly #job: IndexJob;

  constructor({ database, knowledge }: { database: Database; knowledge: Knowledge }, job: IndexJob) {
    this.#database = database;
    this.#knowledge = knowledge;
    this.#job = job;
  }

  /** Until they are read those affected count as unread, though what they said before is in the graph: who imports them waits for them. @throws Error where somebody else holds it */
  async plan(plan: IndexPlan): Promise<void> {
    const unread = plan.affected.map(
      (path): IndexedFile => ({ path, hash: '', shape: '', setup: '', isGlobal: false, imports: [] }),
    );
    await this.#whileHeld(async (tx) => {
      await this.#remember(tx, unread);
      return writeIndexPlan(tx, this.#job, plan);
    });
  }

  /** A file counts as read once all that it says is in the graph. @throws Error where somebody else holds it */
  async take({ units, files = [], gone = [], done = NOTHING }: WorkPart): Promise<void> {
    const { id, projectId, workspaceId, attempt } = this.#job;
    await this.#whileHeld(async (tx) => {
      if (units.length > 0) {
        const said = { units, scanId: `${id}:${attempt}`, changeSetId: id };
        await this.#knowledge.within(tx).ingest(projectId, said, ACTOR);
      }
      await this.#remember(tx, files);
      if (gone.length > 0) await forgetIndexedFiles(tx, projectId, workspaceId, gone);
      return writeIndexProgress(tx, this.#job, done);
    });
  }

  async #remember(tx: Transaction, files: readonly IndexedFile[]): Promise<void> {
    const { projectId, workspaceId } = this.#job;
    if (files.length > 0) await writeIndexedFiles(tx, projectId, workspaceId, files);
  }

  /** Last of all, so that whoever takes it up waits no longer than for the end of the transaction. */
  async #whileHeld(write: (tx: Transaction) => Promise<boolean>): Promise<void> {
    await this.#database.transaction(async (tx) => {
      if (!(await write(tx))) throw new Error('Somebody else took this work up.');
    });
  }
}
