import { type CamelRow, camelRow, type Executor, statement, type Transaction } from '../../platform/database/index.ts';
import { type Service, type StatedService, serviceSchema } from './service.ts';

const COLUMNS = `s.id, s.project_id, s.key, s.name, s.criticality, s.team, s.metadata, s.discovered, s.version, s.created_at,
  s.updated_at`;

const GET = statement(
  'services.get',
  `SELECT ${COLUMNS} FROM services s WHERE s.project_id = $1 AND (s.key = $2 OR s.id::text = $2) ORDER BY s.key = $2 DESC LIMIT 1`,
);

/** @param reference key or id; of two services the one with such a key */
export async function getService(db: Executor, projectId: string, reference: string): Promise<Service | null> {
  const [row] = await db.query<CamelRow>(GET, [projectId, reference]);
  return row ? toService(row) : null;
}

const LIST = statement(
  'services.list',
  `SELECT ${COLUMNS} FROM services s WHERE s.project_id = $1 AND ($4::text IS NULL OR s.team = $4)
     AND ($5::text IS NULL OR s.criticality = $5) AND ($6::boolean IS NULL OR s.discovered = $6)
   ORDER BY s.created_at DESC, s.id DESC LIMIT $2 OFFSET $3`,
);
const COUNT = statement(
  'services.count',
  `SELECT count(*)::integer AS total FROM services s WHERE s.project_id = $1 AND ($2::text IS NULL OR s.team = $2)
     AND ($3::text IS NULL OR s.criticality = $3) AND ($4::boolean IS NULL OR s.discovered = $4)`,
);

export interface ServiceFilter {
  team?: string | undefined;
  criticality?: Service['criticality'] | undefined;
  discovered?: boolean | undefined;
}

/** The newest first. */
export async function listServices(
  db: Executor,
  projectId: string,
  { team = null, criticality = null, discovered = null }: { [Name in keyof ServiceFilter]: ServiceFilter[Name] | null },
  limit: number,
  offset: number,
): Promise<{ items: Service[]; total: number }> {
  const rows = await db.query<CamelRow>(LIST, [projectId, limit, offset, team, criticality, discovered]);
  const [counted] = await db.query<{ total: number }>(COUNT, [projectId, team, criticality, discovered]);
  return { items: rows.map(toService), total: counted?.total ?? 0 };
}

const BY_ID = statement(
  'services.by_id',
  `SELECT ${COLUMNS} FROM services s WHERE s.project_id = $1 AND s.id = ANY ($2::uuid[])`,
);

/** By id; those that are there. */
export async function servicesById(
  db: Executor,
  projectId: string,
  ids: readonly string[],
): Promise<Map<string, Service>> {
  if (ids.length === 0) return new Map();
  const rows = await db.query<CamelRow>(BY_ID, [projectId, ids]);
  return new Map(rows.map((row) => toService(row)).map((service) => [service.id, service]));
}

const IDS_BY_KEY = statement(
  'services.ids_by_key',
  'SELECT s.id, s.key FROM services s WHERE s.project_id = $1 AND s.key = ANY ($2::text[])',
);

/** Ids by key; of those that are there. */
export async function serviceIds(
  db: Executor,
  projectId: string,
  keys: readonly string[],
): Promise<Map<string, string>> {
  if (keys.length === 0) return new Map();
  const rows = await db.query<{ id: string; key: string }>(IDS_BY_KEY, [projectId, keys]);
  return new Map(rows.map(({ id, key }) => [key, id]));
}

// Whoever says nothing of a field leaves it; a service that somebody describes is not merely discovered any more.
const UPSERT = statement(
  'services.upsert',
  `INSERT INTO services AS s (project_id, id, key, name, criticality, team, metadata, discovered)
   SELECT $1, r.id, r.key, coalesce(r.name, r.key), coalesce(r.criticality, 'medium'), r.team, coalesce(r.metadata, '{}'), $3
   FROM json_to_recordset($2::json) AS r (id uuid, key text, name text, criticality text, team text, "hasTeam" boolean, metadata jsonb)
   ORDER BY r.key
   ON CONFLICT (project_id, key) DO NOTHING RETURNING s.id`,
);
const STATE = statement(
  'services.state',
  `UPDATE services s SET name = coalesce(r.name, s.name), criticality = coalesce(r.criticality, s.criticality),
     team = CASE WHEN r."hasTeam" THEN r.team ELSE s.team END, metadata = coalesce(r.metadata, s.metadata), discovered = false,
     version = s.version + 1
   FROM json_to_recordset($2::json) AS r (key text, name text, criticality text, team text, "hasTeam" boolean, metadata jsonb)
   WHERE s.project_id = $1 AND s.key = r.key AND (s.name, s.criticality, s.team, s.metadata, s.discovered) IS DISTINCT FROM
     (coalesce(r.name, s.name), coalesce(r.criticality, s.criticality), CASE WHEN r."hasTeam" THEN r.team ELSE s.team END,
      coalesce(r.metadata, s.metadata), false) RETURNING s.id`,
);

/** One that is new. False where the key is taken. */
export async function insertServices(
  tx: Transaction,
  projectId: string,
  services: readonly (StatedService & { id: string })[],
  discovered: boolean,
): Promise<string[]> {
  if (services.length === 0) return [];
  const rows = await tx.query<{ id: string }>(UPSERT, [projectId, asRows(services), discovered]);
  return rows.map(({ id }) => id);
}

/** Lays what is said over the services that are there; answers the ids of those that this changed. The caller holds the map. */
export async function stateServices(
  tx: Transaction,
  projectId: string,
  services: readonly StatedService[],
): Promise<string[]> {
  if (services.length === 0) return [];
  const rows = await tx.query<{ id: string }>(STATE, [projectId, asRows(services)]);
  return rows.map(({ id }) => id);
}

function asRows(services: readonly StatedService[]): string {
  return JSON.stringify(services.map((service) => ({ ...service, hasTeam: service.team !== undefined })));
}

const UPDATE = statement(
  'services.update',
  `UPDATE services s SET name = $4, criticality = $5, team = $6, metadata = $7, discovered = $8, version = version + 1
   WHERE s.project_id = $1 AND s.id = $2 AND s.version = $3 RETURNING ${COLUMNS}`,
);

/** Writes over the version that the service carries; null where that is not the present one. */
export async function writeService(tx: Transaction, projectId: string, service: Service): Promise<Service | null> {
  const { id, version, name, criticality, team, metadata, discovered } = service;
  const values = [projectId, id, version, name, criticality, team, JSON.stringify(metadata), discovered];
  const [row] = await tx.query<CamelRow>(UPDATE, values);
  return row ? toService(row) : null;
}

const REMOVE = statement(
  'services.remove',
  'DELETE FROM services WHERE project_id = $1 AND id = $2 AND version = $3 RETURNING id',
);

/** False where the version is not the present one. Its dependencies and code rules go with it. */
export async function removeService(tx: Transaction, projectId: string, id: string, version: number): Promise<boolean> {
  return (await tx.query(REMOVE, [projectId, id, version])).length > 0;
}

function toService(row: CamelRow): Service {
  return serviceSchema.parse(camelRow(row));
}
