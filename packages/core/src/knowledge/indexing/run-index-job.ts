import type { Database } from '../../platform/database/index.ts';
import { readSymbolsNamed } from '../imports/known-symbols-store.ts';
import { resolveMentions } from '../indexers/markdown/resolve-mentions.ts';
import { type IndexerName, indexerOf } from '../indexers/which-indexer.ts';
import { unitName } from '../ingest/unit-name.ts';
import type { Knowledge } from '../knowledge.ts';
import type { NoiseSettings } from '../noise/noise-settings.ts';
import { indexHistory } from './index-history.ts';
import type { IndexJob, IndexProgress } from './index-job.ts';
import { holdsIndexJob, writeIndexPlan, writeIndexProgress } from './index-job-store.ts';
import type { IndexPlan, IndexReport, ToldFile } from './index-protocol.ts';
import type { IndexedFile } from './indexed-file.ts';
import { forgetIndexedFiles, readIndexedFiles, writeIndexedFiles } from './indexed-file-store.ts';

/** Units of one call that say nothing any more. */
const GONE_AT_ONCE = 500;
const ACTOR = 'indexer';

interface RunParts {
  database: Database;
  knowledge: Knowledge;
  noise: NoiseSettings;
}

/**
 * Reads what changed, and takes it into the graph a batch at a time. A file counts as read once all that it says is in the graph: whatever
 * is broken off before is read again.
 *
 * @param read what became of it since these files were indexed
 * @param history where git is asked for it; null where it is not looked at, since all that is known to have changed are files
 * @throws whatever reading or taking it in failed with
 */
export async function runIndexJob(
  { database, knowledge, noise }: RunParts,
  job: IndexJob,
  read: (known: IndexedFile[]) => AsyncIterable<IndexReport>,
  history: { root: string; signal: AbortSignal } | null,
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
      // Who stood still for long, as a laptop that slept, does not write over what another has read since.
      held(await holdsIndexJob(database, job));
      await takeIn(knowledge, job, await withMentions(database, projectId, files, noise));
      await writeIndexedFiles(
        database,
        projectId,
        workspaceId,
        files.map(({ remembered }) => remembered),
      );
      held(await writeIndexProgress(database, job, progressOf(files)));
    }
  }
  const onProgress = async (done: IndexProgress) => held(await writeIndexProgress(database, job, done));
  if (history) await indexHistory({ database, knowledge, onProgress }, job, history.root, history.signal);
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
    const units = paths.map((path) => ({ unit: unitOf(indexerOf(path) ?? 'typescript', workspaceId, path) }));
    await knowledge.ingest(projectId, { units, scanId: `${job.id}:${job.attempt}`, changeSetId: job.id }, ACTOR);
    await forgetIndexedFiles(database, projectId, workspaceId, paths);
  }
}

async function takeIn(knowledge: Knowledge, job: IndexJob, files: readonly ToldFile[]): Promise<void> {
  const units = files.map(({ indexer, facts: { path, entities, relationships } }) => ({
    unit: unitOf(indexer, job.workspaceId, path),
    entities,
    relationships: [...relationships],
  }));
  await knowledge.ingest(job.projectId, { units, scanId: `${job.id}:${job.attempt}`, changeSetId: job.id }, ACTOR);
}

/** Documents name symbols; which these are is known to the graph. */
async function withMentions(
  database: Database,
  projectId: string,
  files: readonly ToldFile[],
  noise: NoiseSettings,
): Promise<ToldFile[]> {
  const names = files.flatMap(({ facts }) => facts.mentions?.map(({ name }) => name) ?? []);
  if (names.length === 0) return [...files];
  const symbols = await readSymbolsNamed(database, projectId, [...new Set(names)]);
  return files.map((file) => {
    const named = resolveMentions(file.facts, symbols, noise);
    return { ...file, facts: { ...file.facts, relationships: [...file.facts.relationships, ...named] } };
  });
}

function progressOf(files: readonly ToldFile[]) {
  return {
    files: files.length,
    entities: files.reduce((sum, { facts }) => sum + facts.entities.length, 0),
    relationships: files.reduce((sum, { facts }) => sum + facts.relationships.length, 0),
    problems: files.flatMap(({ facts: { path, problems } }) => problems.map((problem) => ({ path, problem }))),
  };
}

function unitOf(indexer: IndexerName, workspaceId: string, path: string): string {
  return unitName(`${indexer}:${workspaceId}:`, path);
}
