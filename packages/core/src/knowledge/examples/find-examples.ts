import type { Database } from '../../platform/database/index.ts';
import { parseInput, SignalboxError } from '../../platform/errors/index.ts';
import type { Workspaces } from '../../workspaces/index.ts';
import { compareText } from '../graph/graph-base.ts';
import type { KnownRelationship } from '../history/timeline.ts';
import { DEPENDING } from '../impact/dependents.ts';
import { isTestFile } from '../indexers/test-file.ts';
import { findWorkspacesOf } from '../indexing/indexed-file-store.ts';
import type { Knowledge } from '../knowledge.ts';
import { assertionsIn, blockFrom, linesAround } from './source-lines.ts';
import { type FindExamples, findExamplesSchema, type UsageExamples } from './usage-example.ts';

/** Relationships of one entity that are looked at. */
const MOST_LOOKED_AT = 1_000;
/** Over these something is used; that its file is imported does not show how. */
const USING = DEPENDING.filter((type) => type !== 'IMPORTS');

interface ExampleParts {
  database: Database;
  knowledge: Pick<Knowledge, 'entity' | 'queries'>;
  workspaces: Pick<Workspaces, 'readFile'>;
}

interface Place {
  path: string;
  line: number;
}

/**
 * How an entity is used, by the code that does and the tests that try it (KG-253).
 * @throws VALIDATION_FAILED, UNKNOWN_FIELD, GRAPH_ENTITY_NOT_FOUND, WORKSPACE_NOT_FOUND for one that is named
 */
export async function findExamples(
  { database, knowledge, workspaces }: ExampleParts,
  projectId: string,
  input: FindExamples,
): Promise<UsageExamples> {
  const { entityId, limit, workspaceId: named } = parseInput(findExamplesSchema, input);
  const { entity } = await knowledge.entity(projectId, entityId);
  const into = async (type: readonly string[]) =>
    (
      await knowledge.queries.relationships(projectId, {
        ...{ toEntityId: entityId, type: type as typeof USING, limit: MOST_LOOKED_AT },
      })
    ).relationships.sort((a, b) => sureness(b) - sureness(a) || compareText(a.id, b.id));
  const [using, testing] = [await into(USING), await into(['TESTS'])];
  const usages = firstPlaces(using).filter(({ place }) => !isTestFile(place.path));
  const shown = usages.slice(0, limit);
  const tests = [...new Map(testing.map((one) => [String(one.fromEntityId), one])).values()].slice(0, limit);
  const testEntities = await Promise.all(
    tests.map(({ fromEntityId }) => testOf(knowledge, projectId, String(fromEntityId))),
  );
  const paths = [...shown.map(({ place }) => place.path), ...testEntities.flatMap(({ place }) => place?.path ?? [])];
  const [workspaceId = null] = named ? [named] : await findWorkspacesOf(database, projectId, paths);
  const source = sourcesOf(workspaces, projectId, workspaceId, named !== undefined);
  const usageExamples = [];
  for (const { relationship, place } of shown) {
    const { type, fromEntityId } = relationship;
    const text = await source(place.path);
    const code = text === null ? null : linesAround(text, place.line);
    usageExamples.push({ context: `${fromEntityId} ${type}`, code, file: place.path, line: place.line });
  }
  const testExamples = [];
  for (const { id, name, place } of testEntities) {
    const text = place && (await source(place.path));
    const testCode = text && place ? blockFrom(text, place.line) : null;
    testExamples.push({ testId: id, testName: name, testCode, assertions: testCode ? assertionsIn(testCode) : [] });
  }
  const { signature, name } = entity;
  return {
    entityId,
    signature: typeof signature === 'string' && signature !== '' ? signature : String(name ?? entityId),
    ...{ workspaceId, usageExamples, testExamples },
    relatedPatterns: patternsOf(using).slice(0, limit),
  };
}

function sureness({ confidence }: KnownRelationship): number {
  return typeof confidence === 'number' ? confidence : 1;
}

/** The relationships by the places where they stand, each place once. */
function firstPlaces(relationships: readonly KnownRelationship[]) {
  const found = new Map<string, { relationship: KnownRelationship; place: Place }>();
  for (const relationship of relationships) {
    for (const place of placesOf(relationship)) {
      const key = `${place.path}:${place.line}`;
      if (!found.has(key)) found.set(key, { relationship, place });
    }
  }
  return [...found.values()];
}

function placesOf({ locations, location }: KnownRelationship): Place[] {
  const all = Array.isArray(locations) ? locations : [location];
  return all.flatMap((one: { path?: unknown; line?: unknown } | undefined) =>
    typeof one?.path === 'string' && typeof one.line === 'number' ? [{ path: one.path, line: one.line }] : [],
  );
}

async function testOf(
  knowledge: Pick<Knowledge, 'entity'>,
  projectId: string,
  id: string,
): Promise<{ id: string; name: string; place: Place | null }> {
  try {
    const { metadata, path } = (await knowledge.entity(projectId, id)).entity;
    const { name, line } = (metadata ?? {}) as { name?: unknown; line?: unknown };
    const place = typeof path === 'string' && typeof line === 'number' ? { path, line } : null;
    return { id, name: typeof name === 'string' ? name : id, place };
  } catch (error) {
    // A test may be known by its name alone.
    if (!SignalboxError.is(error, 'GRAPH_ENTITY_NOT_FOUND')) throw error;
    return { id, name: id, place: null };
  }
}

/** The text of files, each read once; null where it cannot be read: what the graph read may be gone since. */
function sourcesOf(
  workspaces: Pick<Workspaces, 'readFile'>,
  projectId: string,
  workspaceId: string | null,
  isNamed: boolean,
): (path: string) => Promise<string | null> {
  const texts = new Map<string, string | null>();
  const missing = ['FILE_NOT_FOUND', 'PATH_OUTSIDE_WORKSPACE', ...(isNamed ? [] : ['WORKSPACE_NOT_FOUND'])];
  return async (path) => {
    if (workspaceId === null) return null;
    const known = texts.get(path);
    if (known !== undefined) return known;
    try {
      const { text } = await workspaces.readFile(projectId, workspaceId, path);
      texts.set(path, text);
      return text;
    } catch (error) {
      if (!(error instanceof SignalboxError) || !missing.includes(error.code)) throw error;
      texts.set(path, null);
      return null;
    }
  };
}

function patternsOf(using: readonly KnownRelationship[]): UsageExamples['relatedPatterns'] {
  return [...Map.groupBy(using, patternOf)]
    .map(([pattern, own]) => ({
      pattern,
      frequency: own.reduce((sum, one) => sum + Math.max(1, placesOf(one).length), 0),
      confidence: own.reduce((sum, one) => sum + sureness(one), 0) / own.length,
    }))
    .sort((a, b) => b.frequency - a.frequency || compareText(a.pattern, b.pattern));
}

function patternOf({ type, kind, arity, awaited, operator }: KnownRelationship): string {
  const how = typeof kind === 'string' ? kind : String(type).toLowerCase();
  return [
    how,
    ...(typeof arity === 'number' ? [`with ${arity} argument${arity === 1 ? '' : 's'}`] : []),
    ...(awaited === true ? ['awaited'] : []),
    ...(typeof operator === 'string' ? [`by ${operator}`] : []),
  ].join(', ');
}
