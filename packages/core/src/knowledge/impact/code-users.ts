import type { CodeGraph } from '../graph/code-graph.ts';
import type { EdgeFilter } from '../graph/edge-filter.ts';
import { reach } from '../graph/reach.ts';
import type { KnownEntity } from '../history/timeline.ts';
import type { RelationshipType } from '../vocabulary/relationship-type.ts';
import { DEPENDING, dependentsOf } from './dependents.ts';

/** Hops from a file to what is declared in it: namespaces and classes may hold others. */
const MOST_NESTING = 10;

/** What a file declares, where it says so, and how it is declared. */
export interface DeclaredSymbol {
  id: string;
  name: string;
  path: string;
  /** Half-open range of UTF-16 units of the text that was read. */
  start: number;
  end: number;
  /** Without what it does; white space is one blank. */
  signature: string;
}

/** What depends on code, directly or by way of others. */
export interface CodeUser {
  id: string;
  name: string;
  path: string;
  /** Ids from what it depends on to itself. */
  way: string[];
}

type Known = (ids: readonly string[]) => Promise<ReadonlyMap<string, KnownEntity>>;
type Time = Pick<EdgeFilter, 'since' | 'until'>;

/** What files declare, as they were read last. */
export async function symbolsIn(
  graph: CodeGraph,
  paths: readonly string[],
  { known, time, maxEdges }: { known: Known; time: Time; maxEdges: number },
): Promise<DeclaredSymbol[]> {
  const files = paths.flatMap((path) => graph.nodeOf(`file:${path}`) ?? []);
  const filter = { ...time, types: ['CONTAINS', 'DEFINES'] as const };
  const { nodes } = reach(graph, files, { direction: 'outgoing', filter, maxDepth: MOST_NESTING, maxEdges });
  const there = await known(nodes.map(({ node }) => graph.idOf(node)));
  const own = new Set(paths);
  return [...there.values()].flatMap(({ entity, validTo }) => {
    const { id, type, name, path, signature, location } = entity;
    if (type !== 'symbol' || validTo !== null || typeof path !== 'string' || !own.has(path)) return [];
    const { start, end } = (location ?? {}) as { start?: unknown; end?: unknown };
    if (typeof start !== 'number' || typeof end !== 'number') return [];
    return [{ id, name: String(name), path, start, end, signature: typeof signature === 'string' ? signature : '' }];
  });
}

/** Over these a symbol is used; that its file is imported does not say that it is. */
const USING = DEPENDING.filter((type) => type !== 'IMPORTS');

/** What uses entities, tests left out: what they find broken is not broken by them. Who imports a file uses the file. */
export async function usersOf(
  graph: CodeGraph,
  ids: readonly string[],
  asked: { known: Known; time: Time; maxEdges: number; maxDepth: number; minConfidence: number },
): Promise<{ users: CodeUser[]; truncated: boolean }> {
  const { known, time, maxDepth, maxEdges, minConfidence } = asked;
  const walk = (some: readonly string[], types: readonly RelationshipType[]) => {
    const changed = some.flatMap((id) => graph.nodeOf(id) ?? []);
    return dependentsOf(graph, changed, { filter: { ...time, types, minConfidence }, maxDepth, maxEdges });
  };
  const files = ids.filter((id) => id.startsWith('file:'));
  const found = [
    walk(
      ids.filter((id) => !id.startsWith('file:')),
      USING,
    ),
    walk(files, DEPENDING),
  ];
  const there = await known(found.flatMap(({ reached }) => reached.map(({ node }) => graph.idOf(node))));
  const users = new Map<string, CodeUser>();
  for (const { reached } of found) {
    const before = new Map(reached.map(({ node, from }) => [node, from]));
    for (const { node } of reached) {
      const id = graph.idOf(node);
      const entity = there.get(id)?.entity;
      if (users.has(id) || entity === undefined || entity.type === 'test' || entity.isTest === true) continue;
      const { path, name } = entity;
      if (typeof path !== 'string') continue;
      const way = [id];
      for (let from = before.get(node); from !== undefined; from = before.get(from)) way.unshift(graph.idOf(from));
      users.set(id, { id, name: typeof name === 'string' ? name : path, path, way });
    }
  }
  return { users: [...users.values()], truncated: found.some(({ truncated }) => truncated) };
}
