import type { z } from 'zod';
import type { CodeGraph } from '../graph/code-graph.ts';
import { type EdgeFilter, edgeTest } from '../graph/edge-filter.ts';
import { compareText } from '../graph/graph-base.ts';
import type { KnownEntity } from '../history/timeline.ts';
import { DEPENDING } from '../impact/dependents.ts';
import type { FoundEntities, FoundEntity, searchGraphSchema } from './entity-search.ts';

type Asked = z.output<typeof searchGraphSchema>;

/** What leads to what was found, or what that leads to, by one edge of those over which one thing depends on another (KG-251). */
export function relatedTo(
  graph: CodeGraph,
  found: readonly FoundEntity[],
  { direction, time }: { direction: 'outgoing' | 'incoming'; time: Pick<EdgeFilter, 'since' | 'until'> },
): Map<string, number> {
  const passes = edgeTest(graph, { ...time, types: DEPENDING });
  const relevance = new Map<string, number>();
  for (const one of found) {
    const node = graph.nodeOf(one.id);
    if (node === undefined) continue;
    graph.eachEdge(node, direction, (edge, neighbour) => {
      if (!passes(edge) || neighbour === node) return;
      const id = graph.idOf(neighbour);
      relevance.set(id, Math.max(relevance.get(id) ?? 0, one.relevance * graph.confidence(edge)));
    });
  }
  return relevance;
}

/** Of these what was asked for, the most relevant first. */
export function toldOf(
  relevance: ReadonlyMap<string, number>,
  known: ReadonlyMap<string, KnownEntity>,
  { searchType, entityTypes, language, path, limit }: Asked,
): FoundEntities {
  const text = (value: unknown) => (typeof value === 'string' ? value : null);
  const below = path?.replace(/\/+$/, '');
  const all = [...relevance].flatMap(([id, sure]): FoundEntity[] => {
    const { entity, validTo } = known.get(id) ?? {};
    if (!entity || validTo !== null) return [];
    const kind = entity.type === 'symbol' ? text(entity.kind) : null;
    const own = text(entity.path);
    const isWanted =
      (entityTypes.length === 0 || entityTypes.some((one) => one === entity.type || one === kind)) &&
      (language === undefined || entity.language === language) &&
      (below === undefined || own === below || (own?.startsWith(`${below}/`) ?? false));
    if (!isWanted) return [];
    const named = { name: text(entity.name ?? entity.title), path: own, signature: text(entity.signature) };
    return [
      {
        id,
        type: entity.type,
        kind,
        ...named,
        relevance: sure,
        matched: searchType === 'usage' ? 'usage' : 'dependency',
      },
    ];
  });
  all.sort((a, b) => b.relevance - a.relevance || compareText(a.id, b.id));
  return { results: all.slice(0, limit), truncated: all.length > limit };
}
