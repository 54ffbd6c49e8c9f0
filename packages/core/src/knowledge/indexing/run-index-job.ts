import { createHash } from 'node:crypto';
import type { Database } from '../../platform/database/index.ts';
import { SOURCE_FILE } from '../indexers/typescript/source-file.ts';
import type { Knowledge } from '../knowledge.ts';
import type { IndexJob } from './index-job.ts';
import { writeIndexPlan, writeIndexProgress } from './index-job-store.ts';
import type { IndexPlan, IndexReport, ToldFile } from './index-protocol.ts';
import type { IndexedFile } from './indexed-file.ts';
import { forgetIndexedFiles, readIndexedFiles, writeIndexedFiles } from './indexed-file-store.ts';

/** Units of one call that say nothing any more. */
const GONE_AT_ONCE = 500;
const ACTOR = 'indexer';

interface RunParts {
  database: Database;
  knowledge: Knowledge;
}

/**
 * Reads what changed, and takes it into the graph a batch at a time. A file counts as read once all that it says is in the graph: whatever
 * is broken off before is read again.
 *
 * @param read what became of it since these files were indexed
 * @throws whatever reading or taking it in failed with
 */
export async function runIndexJob(
  { database, knowledge }: RunParts,
  job: IndexJob,
  read: (known: IndexedFile[]) => AsyncIterable<IndexReport>,
): Promise<void> {
  const { projectId, workspaceId } = job;
  const known = await readIndexedFiles(database, projectId, workspaceId);
  const held = (isHeld: boolean) => {
    if (!isHeld) throw new Error('Somebody else took this work up.');
  };
  for await (const report of read(known)) {
    if (report.type === 'plan') {
      held(await writeIndexPlan(database, job, report.plan));
      await prepare(database, job, report.plan);
      await takeOut(database, knowledge, job, report.plan.removed);
    } else if (report.type === 'files') {
      const { files } = report;
      await takeIn(knowledge, job, files);
      await writeIndexedFiles(
        database,
        projectId,
        workspaceId,
        files.map(({ remembered }) => remembered),
      );
      held(await writeIndexProgress(database, job, progressOf(files)));
    }
  }
}

/** Until they are read these count as unread, though what they said before is in the graph: who imports them waits for them. */
async function prepare(
  database: Database,
  { projectId, workspaceId }: IndexJob,
  { affected }: IndexPlan,
): Promise<void> {
  const unread = affected.map(
    (path): IndexedFile => ({ path, hash: '', shape: '', setup: '', isGlobal: false, imports: [] }),
  );
  await writeIndexedFiles(database, projectId, workspaceId, unread);
}

async function takeOut(database: Database, knowledge: Knowledge, job: IndexJob, removed: string[]): Promise<void> {
  const { projectId, workspaceId } = job;
  for (let from = 0; from < removed.length; from += GONE_AT_ONCE) {
    const paths = removed.slice(from, from + GONE_AT_ONCE);
    const units = paths.map((path) => ({ unit: unitOf(workspaceId, path) }));
    await knowledge.ingest(projectId, { units, scanId: `${job.id}:${job.attempt}`, changeSetId: job.id }, ACTOR);
    await forgetIndexedFiles(database, projectId, workspaceId, paths);
  }
}

async function takeIn(knowledge: Knowledge, job: IndexJob, files: readonly ToldFile[]): Promise<void> {
  const units = files.map(({ facts: { path, entities, relationships } }) => ({
    unit: unitOf(job.workspaceId, path),
    entities,
    relationships: [...relationships],
  }));
  await knowledge.ingest(job.projectId, { units, scanId: `${job.id}:${job.attempt}`, changeSetId: job.id }, ACTOR);
}

function progressOf(files: readonly ToldFile[]) {
  return {
    files: files.length,
    entities: files.reduce((sum, { facts }) => sum + facts.entities.length, 0),
    relationships: files.reduce((sum, { facts }) => sum + facts.relationships.length, 0),
    problems: files.flatMap(({ facts: { path, problems } }) => problems.map((problem) => ({ path, problem }))),
  };
}

/** Most UTF-16 units of a path that stands in a unit's name as it is. */
const MOST_PATH = 400;

function unitOf(workspaceId: string, path: string): string {
  const name = path.length <= MOST_PATH ? path : createHash('sha256').update(path).digest('hex');
  return `${SOURCE_FILE.test(path) ? 'typescript' : 'structure'}:${workspaceId}:${name}`;
}
