import { z } from 'zod';
import type { Clock } from '../../platform/clock/clock.ts';
import type { Database, Transaction } from '../../platform/database/index.ts';
import { parseInput } from '../../platform/errors/index.ts';
import type { Ids } from '../../platform/ids/ids.ts';
import { ASSERTED, type Batch, type EntityFact, type Ingest, ingestSchema, readBatch } from './batch.ts';
import { changeEntity } from './entity-changes.ts';
import { readEntitiesToChange } from './entity-store.ts';
import { holdGraph } from './head-store.ts';
import { changeRelationship } from './relationship-changes.ts';
import { readRelationshipsToChange } from './relationship-store.ts';
import { changeCountsSchema, writeChanges } from './write-changes.ts';

export const ingestedSchema = z.object({
  /** Of the project's graph, once this is in it. */
  revision: z.int(),
  entities: changeCountsSchema,
  relationships: changeCountsSchema,
  /** Parts of relationships that could not be used; all else of them is in the graph. */
  problems: z.array(z.object({ edge: z.string(), field: z.string(), reason: z.string() })),
});
export type Ingested = z.infer<typeof ingestedSchema>;

export interface IngestParts {
  database: Database;
  clock: Clock;
  ids: Ids;
}

/**
 * Takes what indexers and people say into the graph, all of it or nothing: a fixed number of statements, however much it is. What people
 * say is audited. Saying the same again changes nothing (of what counts occurrences, within one scan). What no unit says any more stays as history.
 *
 * @throws VALIDATION_FAILED with the path of each field, UNKNOWN_FIELD
 */
export async function ingest(parts: IngestParts, projectId: string, input: Ingest, actor: string): Promise<Ingested> {
  const said = parseInput(ingestSchema, input);
  const batch = readBatch(said);
  return parts.database.transaction((tx) => takeIn(tx, parts, projectId, { said, batch, actor }));
}

/** {@link ingest} within a unit of work. @throws VALIDATION_FAILED, UNKNOWN_FIELD */
export function ingestWithin(
  tx: Transaction,
  parts: Omit<IngestParts, 'database'>,
  projectId: string,
  input: Ingest,
  actor: string,
): Promise<Ingested> {
  const said = parseInput(ingestSchema, input);
  return takeIn(tx, parts, projectId, { said, batch: readBatch(said), actor });
}

async function takeIn(
  tx: Transaction,
  { clock, ids }: Omit<IngestParts, 'database'>,
  projectId: string,
  { said, batch, actor }: { said: z.output<typeof ingestSchema>; batch: Batch; actor: string },
): Promise<Ingested> {
  const { at = clock.now(), scanId = null, changeSetId = null } = said;
  const before = await holdGraph(tx, projectId);
  const entities = await entityChanges(tx, projectId, batch, at);
  const relationships = await relationshipChanges(tx, projectId, batch, { at, scanId, changeSetId });
  const assertedBy = said.retract || said.units.some(({ unit }) => unit === null) ? actor : null;
  const changes = { entities, relationships, at, changeSetId, assertedBy };
  return { ...(await writeChanges(tx, ids, projectId, before, changes)), problems: batch.problems };
}

async function entityChanges(tx: Transaction, projectId: string, batch: Batch, at: Date) {
  const { entities, replaced, retracted } = batch;
  const ids = [...entities.keys(), ...retracted.entities];
  const stored = await readEntitiesToChange(tx, projectId, ids, [...replaced]);
  return idsOf(stored, entities).flatMap((id) => {
    const said = entities.get(id) ?? new Map<string, EntityFact>();
    const over = retracted.entities.has(id) ? new Set([...replaced, ASSERTED]) : replaced;
    const silent = silentUnits(stored.get(id), said, over);
    return changeEntity(id, stored.get(id), said, silent, at) ?? [];
  });
}

async function relationshipChanges(
  tx: Transaction,
  projectId: string,
  { relationships, replaced, retracted }: Batch,
  saying: { at: Date; scanId: string | null; changeSetId: string | null },
) {
  const ids = [...relationships.keys(), ...retracted.relationships];
  const stored = await readRelationshipsToChange(tx, projectId, ids, [...replaced]);
  return idsOf(stored, relationships).flatMap((id) => {
    const said = relationships.get(id);
    const over = retracted.relationships.has(id) ? new Set([...replaced, ASSERTED]) : replaced;
    const silent = silentUnits(stored.get(id), said?.facts ?? new Map<string, unknown>(), over);
    return changeRelationship(id, stored.get(id), said, silent, { ...saying, replaced }) ?? [];
  });
}

/** In order, so that whatever is made of them is the same each time. */
function idsOf(stored: ReadonlyMap<string, unknown>, said: ReadonlyMap<string, unknown>): string[] {
  return [...new Set([...stored.keys(), ...said.keys()])].sort();
}

/** Units that said something and do not say it any more. @param over those of which nothing holds but what they say now */
function silentUnits(
  stored: { units: readonly string[] } | undefined,
  said: ReadonlyMap<string, unknown>,
  over: ReadonlySet<string>,
): Set<string> {
  return new Set(stored?.units.filter((unit) => over.has(unit) && !said.has(unit)));
}
