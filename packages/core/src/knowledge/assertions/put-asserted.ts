import { isDeepStrictEqual } from 'node:util';
import type { Transaction } from '../../platform/database/index.ts';
import { parseInput, SignalboxError } from '../../platform/errors/index.ts';
import { ASSERTED, type Batch, ingestSchema, readBatch } from '../ingest/batch.ts';
import { changeEntity } from '../ingest/entity-changes.ts';
import { readEntitiesToChange } from '../ingest/entity-store.ts';
import { holdGraph } from '../ingest/head-store.ts';
import type { IngestParts } from '../ingest/ingest.ts';
import { putBackRelationship } from '../ingest/relationship-changes.ts';
import { readRelationshipsToChange } from '../ingest/relationship-store.ts';
import { type GraphChanges, writeChanges } from '../ingest/write-changes.ts';
import type { AssertedEntity, AssertedRelationship, AssertedWrite } from './asserted-item.ts';
import { readAssertedEntities, readAssertedRelationships } from './asserted-store.ts';

/**
 * Puts people's word of an entity in its place, exactly as given. What indexers say of it stays.
 * @throws ROLLBACK_WRITE_STALE when people say something else by now, VALIDATION_FAILED
 */
export async function putEntity(
  parts: IngestParts,
  projectId: string,
  write: AssertedWrite<AssertedEntity>,
  actor: string,
): Promise<void> {
  const { id, value } = write;
  const fact =
    value &&
    checked({ entities: [value] })
      .entities.get(id)
      ?.get(ASSERTED);
  if (value && !fact) throw otherId(id);
  return put(parts, projectId, actor, async (tx, at) => {
    const [live = null] = await readAssertedEntities(tx, projectId, [id]);
    checkLive(`entity:${id}`, live, write.expected);
    const stored = (await readEntitiesToChange(tx, projectId, [id], [])).get(id);
    const said = new Map(fact ? [[ASSERTED, fact]] : []);
    const change = changeEntity(id, stored, said, new Set(value ? [] : [ASSERTED]), at);
    return { entities: change ? [change] : [], relationships: [] };
  });
}

/** The same of a relationship; one that had ended begins anew. @throws as {@link putEntity} */
export async function putRelationship(
  parts: IngestParts,
  projectId: string,
  write: AssertedWrite<AssertedRelationship>,
  actor: string,
): Promise<void> {
  const { id, value } = write;
  const stated = value && checked({ relationships: [asEdge(value)] }).relationships.get(id);
  const fact = stated?.facts.get(ASSERTED);
  if (value && !fact) throw otherId(id);
  const word = stated && fact ? { ...stated, fact, to: value?.validTo ? new Date(value.validTo) : null } : null;
  return put(parts, projectId, actor, async (tx, at) => {
    const [live = null] = await readAssertedRelationships(tx, projectId, [id], at);
    checkLive(`relationship:${id}`, live, write.expected);
    const stored = (await readRelationshipsToChange(tx, projectId, [id], [])).get(id);
    const change = putBackRelationship(id, stored, word, at);
    return { entities: [], relationships: change ? [change] : [] };
  });
}

function put(
  { database, clock, ids }: IngestParts,
  projectId: string,
  actor: string,
  decide: (tx: Transaction, at: Date) => Promise<Pick<GraphChanges, 'entities' | 'relationships'>>,
): Promise<void> {
  return database.transaction(async (tx) => {
    const before = await holdGraph(tx, projectId);
    const at = clock.now();
    const changes = { ...(await decide(tx, at)), at, changeSetId: null, assertedBy: actor };
    await writeChanges(tx, ids, projectId, before, changes);
  });
}

/** As everything that people say is checked. */
function checked(said: { entities?: unknown[]; relationships?: unknown[] }): Batch {
  return readBatch(parseInput(ingestSchema, { units: [{ unit: null, ...said }] }));
}

function asEdge({ id: _id, from, to, validTo: _until, ...fact }: AssertedRelationship): object {
  return { ...fact, fromEntityId: from, toEntityId: to };
}

function checkLive(path: string, live: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(live, expected)) throw new SignalboxError('ROLLBACK_WRITE_STALE', { path });
}

function otherId(id: string): SignalboxError {
  return new SignalboxError('VALIDATION_FAILED', { reason: `what is given for ${id} has another id` });
}
