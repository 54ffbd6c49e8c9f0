import { z } from 'zod';
import { SignalboxError } from '../../platform/errors/index.ts';
import { whyUnstorable } from '../../platform/json/storable-json.ts';
import { isRecord } from '../edges/clean-values.ts';
import { normaliseEdge } from '../edges/normalise-edge.ts';
import type { EdgeProblem } from '../edges/raw-edge.ts';
import { withStoredNames } from '../identity/names.ts';
import { relationshipId } from '../identity/relationship-id.ts';
import { type EntityType, entitySchema } from '../vocabulary/entity.ts';
import { relationshipFactSchema } from '../vocabulary/relationship.ts';
import type { RelationshipType } from '../vocabulary/relationship-type.ts';
import { momentSchema } from '../vocabulary/terms.ts';
import { type FactData, foldFacts } from './merge-facts.ts';

/** Most entities and relationships that one call may bring. */
export const MOST_AT_ONCE = 50_000;
/** Most units that one call may speak for. */
export const MOST_UNITS = 10_000;
/** How many of the things that are wrong an error names. */
const MOST_PROBLEMS = 20;
/** The name under which people and other rooms say something, among the units of the code. */
export const ASSERTED = '';

const saidBySchema = z.strictObject({
  /** A part of what is indexed, such as a file as one indexer sees it; null for what people say. */
  unit: z.string().min(1).max(500).nullable(),
  /** Whether this is all that the unit has to say: what it said before and says no more is over. By default so, but for people. */
  replace: z.boolean().optional(),
  entities: z.array(z.unknown()).max(MOST_AT_ONCE).default([]),
  relationships: z.array(z.unknown()).max(MOST_AT_ONCE).default([]),
});

const idsSchema = z.array(z.string().min(1).max(2_000)).max(MOST_AT_ONCE).default([]);

export const ingestSchema = z.strictObject({
  units: z.array(saidBySchema).max(MOST_UNITS).default([]),
  /** What people said of these holds no more. What is indexed goes with its unit. */
  retract: z.strictObject({ entities: idsSchema, relationships: idsSchema }).optional(),
  /** As of when; now, where it is left out. */
  at: momentSchema.optional(),
  /** Names one run of an indexer: what it says twice counts once. */
  scanId: z.string().min(1).max(200).optional(),
  changeSetId: z.string().min(1).max(500).optional(),
});
export type Ingest = z.input<typeof ingestSchema>;

export interface EntityFact {
  type: EntityType;
  /** All but type and id, as JSON. */
  data: Record<string, unknown>;
}

export interface StatedEdge {
  type: RelationshipType;
  fromId: string;
  toId: string;
  from: Date | undefined;
  to: Date | null | undefined;
  /** By unit. */
  facts: Map<string, FactData>;
}

/** What a call says, checked and by id. */
export interface Batch {
  /** By id, and by unit. */
  entities: Map<string, Map<string, EntityFact>>;
  relationships: Map<string, StatedEdge>;
  /** Units that say all that they have to say. */
  replaced: Set<string>;
  /** Of which people say nothing any more. */
  retracted: { entities: ReadonlySet<string>; relationships: ReadonlySet<string> };
  problems: EdgeProblem[];
}

/** Nothing of a batch is taken in which something is wrong. @throws VALIDATION_FAILED, with the path of each field */
export function readBatch({ units, retract }: z.output<typeof ingestSchema>): Batch {
  const batch: Batch = {
    entities: new Map(),
    relationships: new Map(),
    replaced: new Set(),
    retracted: { entities: new Set(retract?.entities), relationships: new Set(retract?.relationships) },
    problems: [],
  };
  const wrong: { path: string; message: string }[] = [];
  const total = units.reduce((sum, { entities, relationships }) => sum + entities.length + relationships.length, 0);
  if (total > MOST_AT_ONCE)
    wrong.push({ path: 'units', message: `hold ${total} things; send at most ${MOST_AT_ONCE}` });
  units.forEach(({ unit, replace = unit !== null, entities, relationships }, n) => {
    if (replace && unit === null) wrong.push({ path: `units.${n}.replace`, message: 'what people say is never all' });
    const name = unit ?? ASSERTED;
    if (replace) batch.replaced.add(name);
    const add = (kind: string, items: readonly unknown[], read: (item: unknown) => Wrong[]) => {
      items.forEach((item, i) => {
        if (wrong.length >= MOST_PROBLEMS) return;
        const why = whyUnstorable(JSON.stringify(item) ?? 'null');
        const found = why === null ? read(item) : [{ path: [], message: why }];
        for (const { path, message } of found)
          wrong.push({ path: [`units.${n}.${kind}.${i}`, ...path].join('.'), message });
      });
    };
    add('entities', entities, (item) => readEntity(batch, name, item));
    add('relationships', relationships, (item) => readEdge(batch, name, item));
  });
  if (wrong.length === 0) return batch;
  const problems = wrong.slice(0, MOST_PROBLEMS);
  const reason = problems.map(({ path, message }) => `${path}: ${message}`).join('; ');
  throw new SignalboxError('VALIDATION_FAILED', { reason, problems });
}

interface Wrong {
  path: PropertyKey[];
  message: string;
}

function readEntity({ entities }: Batch, unit: string, item: unknown): Wrong[] {
  const parsed = entitySchema.safeParse(item);
  if (!parsed.success) return parsed.error.issues;
  const { id, type, ...rest } = parsed.data;
  const said = entities.get(id) ?? new Map<string, EntityFact>();
  entities.set(id, said.set(unit, { type, data: asJson(rest) }));
  return [];
}

function readEdge({ relationships, problems }: Batch, unit: string, item: unknown): Wrong[] {
  if (!isRecord(item)) return [{ path: [], message: 'must be an object' }];
  const { id: _id, created: _created, lastModified: _modified, version: _version, ...raw } = item;
  const normalised = normaliseEdge(raw, (problem) => problems.push(problem));
  const parsed = relationshipFactSchema.safeParse(normalised);
  if (!parsed.success) return parsed.error.issues;
  const { type, fromEntityId: fromId, toEntityId: toId, validFrom: from, validTo: to, ...rest } = parsed.data;
  if (from && to && to < from) return [{ path: ['validTo'], message: 'must not be before validFrom' }];
  const id = relationshipId(normalised);
  const stated = relationships.get(id) ?? { type, fromId, toId, from, to, facts: new Map<string, FactData>() };
  const fact: FactData = asJson(withStoredNames(rest));
  const before = stated.facts.get(unit);
  stated.facts.set(unit, before ? foldFacts([before, fact]) : fact);
  relationships.set(id, stated);
  return [];
}

/** Dates as ISO 8601 text, as they are stored and sent. */
function asJson<Json extends object>(value: object): Json {
  return JSON.parse(JSON.stringify(value));
}
