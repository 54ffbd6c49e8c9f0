import type { Database } from '../../platform/database/index.ts';
import { readSymbolsNamed } from '../imports/known-symbols-store.ts';
import { resolveMentions } from '../indexers/markdown/resolve-mentions.ts';
import { type IndexerName, indexerOf } from '../indexers/which-indexer.ts';
import { unitName } from '../ingest/unit-name.ts';
import type { Knowledge } from '../knowledge.ts';
import type { NoiseSettings } from '../noise/noise-settings.ts';
import { HeldWork } from './held-work.ts';
import { indexHistory } from './index-history.ts';
import type { IndexJob } from './index-job.ts';
import type { IndexReport, ToldFile } from './index-protocol.ts';
import type { IndexedFile } from './indexed-file.ts';
import { readIndexedFiles } from './indexed-file-store.ts';

/** Units of one call that say nothing any more. */
const GONE_AT_ONCE = 500;

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
  const work = new HeldWork({ database, knowledge }, job);
  for await (const report of read(known)) {
    if (report.type === 'plan') {
      await work.plan(report.plan);
      await takeOut(work, workspaceId, report.plan.removed);
    } else if (report.type === 'files') {
      await takeIn(work, workspaceId, report.files, await withMentions(database, projectId, report.files, noise));
    }
  }
  if (history) await indexHistory({ database, work }, job, history.root, history.signal);
}

async function takeOut(work: HeldWork, workspaceId: string, removed: readonly string[]): Promise<void> {
  for (let from = 0; from < removed.length; from += GONE_AT_ONCE) {
    const gone = removed.slice(from, from + GONE_AT_ONCE);
    const units = gone.map((path) => ({ unit: unitOf(indexerOf(path) ?? 'typescript', workspaceId, path) }));
    await work.take({ units, gone });
  }
}

/** @param resolved the same files, with what their documents mean */
async function takeIn(
  work: HeldWork,
  workspaceId: string,
  files: readonly ToldFile[],
  resolved: readonly ToldFile[],
): Promise<void> {
  const units = resolved.map(({ indexer, facts: { path, entities, relationships } }) => ({
    unit: unitOf(indexer, workspaceId, path),
    entities,
    relationships: [...relationships],
  }));
  await work.take({ units, files: files.map(({ remembered }) => remembered), done: progressOf(files) });
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
