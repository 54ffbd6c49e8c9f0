import { type Executor, statement } from '../../platform/database/index.ts';
import type { KnownSymbol } from './known-symbols.ts';

const OF_PATHS = statement(
  'graph.symbols_of_paths',
  `SELECT e.id, e.data->>'path' AS path, e.data->>'name' AS name, e.data->>'kind' AS kind,
     (e.data->'location'->>'line')::int AS line, (e.data->'location'->>'endLine')::int AS "endLine"
   FROM graph_entities e
   WHERE e.project_id = $1 AND e.type = 'symbol' AND e.valid_to IS NULL AND e.data->>'path' = ANY ($2::text[]) ORDER BY e.id`,
);

/** What stands in these files, by path. */
export async function readSymbolsOf(
  db: Executor,
  projectId: string,
  paths: readonly string[],
): Promise<Map<string, KnownSymbol[]>> {
  const found = new Map<string, KnownSymbol[]>();
  if (paths.length === 0) return found;
  for (const symbol of await db.query<KnownSymbol>(OF_PATHS, [projectId, paths])) {
    const same = found.get(symbol.path);
    if (same) same.push(symbol);
    else found.set(symbol.path, [symbol]);
  }
  return found;
}

const NAMED = statement(
  'graph.symbols_named',
  `SELECT e.id, e.data->>'path' AS path, e.data->>'name' AS name, e.data->>'kind' AS kind,
     (e.data->'location'->>'line')::int AS line, (e.data->'location'->>'endLine')::int AS "endLine"
   FROM graph_entities e
   WHERE e.project_id = $1 AND e.type = 'symbol' AND e.valid_to IS NULL
     AND (e.data->>'name' = ANY ($2::text[]) OR regexp_replace(e.data->>'name', '^.*[.]', '') = ANY ($2)) ORDER BY e.id`,
);

/** Symbols that go by one of these names, qualified or not. */
export function readSymbolsNamed(db: Executor, projectId: string, names: readonly string[]): Promise<KnownSymbol[]> {
  return db.query<KnownSymbol>(NAMED, [projectId, names]);
}
