import { type Executor, statement } from '../../platform/database/index.ts';
import type { ExportedSymbol, ExportedUse } from '../indexers/scip/write-scip.ts';

/** Rows read by one statement. */
const AT_ONCE = 10_000;
/** What unit says a row is what its name has after the indexer: `typescript:<workspace>:<path>`. */
const OF_WORKSPACE = (units: string) =>
  `($4::text IS NULL OR EXISTS (SELECT FROM unnest(${units}) u WHERE split_part(u, ':', 2) = $4))`;

const SYMBOLS = statement(
  'graph.exported_symbols',
  `SELECT e.id, e.data->>'path' AS path, e.data->>'language' AS language, e.data->>'kind' AS kind, e.data->>'signature' AS signature,
     e.data->>'docstring' AS docstring, (e.data->'location'->>'line')::int AS line, (e.data->'location'->>'column')::int AS "column",
     (e.data->'location'->>'endLine')::int AS "endLine",
     (e.data->'location'->>'end')::int - (e.data->'location'->>'start')::int AS length
   FROM graph_entities e
   WHERE e.project_id = $1 AND e.id > $2 AND e.type = 'symbol' AND e.valid_to IS NULL AND ${OF_WORKSPACE('e.units')}
   ORDER BY e.id LIMIT $3`,
);
const USES = statement(
  'graph.exported_uses',
  `SELECT r.id, r.type, r.from_id AS "fromId", r.to_id AS "toId", r.data->'locations' AS places, r.data->'location' AS place
   FROM graph_relationships r
   WHERE r.project_id = $1 AND r.id > $2 AND r.type = ANY ($5::text[]) AND r.valid_to IS NULL AND ${OF_WORKSPACE('r.units')}
   ORDER BY r.id LIMIT $3`,
);

export interface Place {
  path?: string;
  line?: number;
  column?: number;
}
interface UseRow extends Omit<ExportedUse, 'places'> {
  id: string;
  places: Place[] | null;
  place: Place | null;
}

/** Symbols as they are now. @param workspaceId null for those of all workspaces */
export async function* readExportedSymbols(
  db: Executor,
  projectId: string,
  workspaceId: string | null,
): AsyncGenerator<ExportedSymbol[]> {
  for (let after = '', isFull = true; isFull; ) {
    const rows = await db.query<ExportedSymbol>(SYMBOLS, [projectId, after, AT_ONCE, workspaceId]);
    yield rows;
    isFull = rows.length === AT_ONCE;
    after = rows.at(-1)?.id ?? after;
  }
}

/** Relationships of some types as they are now, with what they say of where. @param workspaceId null for those of all workspaces */
export async function* readExportedUses(
  db: Executor,
  projectId: string,
  workspaceId: string | null,
  types: readonly string[],
): AsyncGenerator<(Omit<ExportedUse, 'places'> & { places: Place[] })[]> {
  for (let after = '', isFull = true; isFull; ) {
    const rows = await db.query<UseRow>(USES, [projectId, after, AT_ONCE, workspaceId, types]);
    yield rows.map(({ type, fromId, toId, places, place }) => ({
      ...{ type, fromId, toId },
      places: places ?? (place ? [place] : []),
    }));
    isFull = rows.length === AT_ONCE;
    after = rows.at(-1)?.id ?? after;
  }
}
