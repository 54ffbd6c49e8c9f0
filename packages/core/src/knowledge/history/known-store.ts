import { type Executor, statement } from '../../platform/database/index.ts';
import { ASSERTED } from '../ingest/batch.ts';
import type { EntityType } from '../vocabulary/entity.ts';
import { familyOf } from '../vocabulary/relationship-type.ts';
import type { EntityVersion, KnownEntity, KnownRelationship, RelationshipSegment } from './timeline.ts';

const ENTITIES = statement(
  'graph.known_entities',
  `SELECT e.id, e.type, e.data, e.units, e.valid_from, e.valid_to, e.version FROM graph_entities e
   WHERE e.project_id = $1 AND e.id = ANY ($2::text[])`,
);
// Of a time that is over the version that held then says what the entity was.
const ENTITIES_AT = statement(
  'graph.known_entities_at',
  `SELECT e.id, e.type, coalesce(v.data, e.data) AS data, e.units, e.valid_from, e.valid_to, e.version
   FROM graph_entities e JOIN graph_entity_versions v ON v.project_id = e.project_id AND v.entity_id = e.id
   WHERE e.project_id = $1 AND e.id = ANY ($2::text[]) AND v.began_at <= $3 AND (v.ended_at IS NULL OR v.ended_at > $3)`,
);

interface EntityRow {
  id: string;
  type: EntityType;
  data: Record<string, unknown>;
  units: string[];
  valid_from: Date;
  valid_to: Date | null;
  version: number;
}

/** Those that there are, by id; as of a time, as they were then. */
export async function readKnownEntities(
  db: Executor,
  projectId: string,
  ids: readonly string[],
  at: Date | null,
): Promise<Map<string, KnownEntity>> {
  const rows = await (at === null
    ? db.query<EntityRow>(ENTITIES, [projectId, ids])
    : db.query<EntityRow>(ENTITIES_AT, [projectId, ids, at]));
  return new Map(rows.map((row) => [row.id, toKnownEntity(row)]));
}

function toKnownEntity({ id, type, data, units, valid_from, valid_to, version }: EntityRow): KnownEntity {
  return {
    entity: { ...data, id, type },
    units: units.map((unit) => (unit === ASSERTED ? null : unit)),
    validFrom: valid_from.toISOString(),
    validTo: valid_to?.toISOString() ?? null,
    version,
  };
}

const RELATIONSHIPS = statement(
  'graph.known_relationships',
  `SELECT r.id, r.type, r.from_id, r.to_id, r.confidence, r.data, r.valid_from, r.valid_to, r.version, r.created_at, r.updated_at
   FROM graph_relationships r WHERE r.project_id = $1 AND r.id = ANY ($2::text[])`,
);

interface RelationshipRow {
  id: string;
  type: string;
  from_id: string;
  to_id: string;
  confidence: number | null;
  data: Record<string, unknown>;
  valid_from: Date;
  valid_to: Date | null;
  version: number;
  created_at: Date;
  updated_at: Date;
}

/** Those that there are or were, as JSON (KG-030), by id. */
export async function readKnownRelationships(
  db: Executor,
  projectId: string,
  ids: readonly string[],
): Promise<Map<string, KnownRelationship>> {
  const rows = await db.query<RelationshipRow>(RELATIONSHIPS, [projectId, ids]);
  return new Map(rows.map((row) => [row.id, toKnownRelationship(row)]));
}

function toKnownRelationship(row: RelationshipRow): KnownRelationship {
  const family = familyOf(row.type);
  const ofCode = family === 'code' || family === 'structural';
  const sure = ofCode || family === 'documentation' ? row.confidence : null;
  return {
    ...row.data,
    ...(sure === null ? {} : { confidence: sure }),
    ...(ofCode ? { active: row.valid_to === null } : {}),
    id: row.id,
    type: row.type,
    fromEntityId: row.from_id,
    toEntityId: row.to_id,
    validFrom: row.valid_from.toISOString(),
    validTo: row.valid_to?.toISOString() ?? null,
    created: row.created_at.toISOString(),
    lastModified: row.updated_at.toISOString(),
    version: row.version,
  };
}

const VERSIONS = statement(
  'graph.versions',
  `SELECT v.number, v.hash, v.path, v.language, v.began_at, v.ended_at, v.change_set_id FROM graph_entity_versions v
   WHERE v.project_id = $1 AND v.entity_id = $2 ORDER BY v.number`,
);

/** The oldest first (KG-206). */
export async function readVersions(db: Executor, projectId: string, entityId: string): Promise<EntityVersion[]> {
  const rows = await db.query<{
    number: number;
    hash: string;
    path: string | null;
    language: string | null;
    began_at: Date;
    ended_at: Date | null;
    change_set_id: string | null;
  }>(VERSIONS, [projectId, entityId]);
  const idOf = (number: number) => `version:${entityId}:${number}`;
  return rows.map(({ number, hash, path, language, began_at, ended_at, change_set_id }, n) => {
    const [before] = n > 0 ? rows.slice(n - 1) : [];
    return {
      versionId: idOf(number),
      timestamp: began_at.toISOString(),
      until: ended_at?.toISOString() ?? null,
      hash,
      path,
      language,
      changeSetId: change_set_id,
      previousVersionId: before ? idOf(before.number) : null,
    };
  });
}

const SEGMENTS = statement(
  'graph.segments',
  `SELECT s.relationship_id AS id, s.opened_at, s.closed_at, s.change_set_id FROM graph_segments s
   WHERE s.project_id = $1 AND s.relationship_id = ANY ($2::text[])
   UNION ALL
   SELECT r.id, r.valid_from, r.valid_to, r.change_set_id FROM graph_relationships r
   WHERE r.project_id = $1 AND r.id = ANY ($2::text[])
   ORDER BY 1, 2`,
);

/** By relationship, the oldest first (KG-207); none for one that never was. */
export async function readSegments(
  db: Executor,
  projectId: string,
  relationshipIds: readonly string[],
): Promise<Map<string, RelationshipSegment[]>> {
  const rows = await db.query<{ id: string; opened_at: Date; closed_at: Date | null; change_set_id: string | null }>(
    SEGMENTS,
    [projectId, relationshipIds],
  );
  const segments = rows.map(({ id, opened_at, closed_at, change_set_id }) => ({
    id,
    segment: {
      segmentId: `segment:${id}:${opened_at.toISOString()}`,
      openedAt: opened_at.toISOString(),
      closedAt: closed_at?.toISOString() ?? null,
      changeSetId: change_set_id,
    },
  }));
  const byId = Map.groupBy(segments, ({ id }) => id);
  return new Map([...byId].map(([id, own]) => [id, own.map(({ segment }) => segment)]));
}
