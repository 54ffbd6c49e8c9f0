import type { z } from 'zod';
import type { CodeGraph } from '../graph/code-graph.ts';
import type { EdgeFilter } from '../graph/edge-filter.ts';
import type { Reached } from '../graph/reach.ts';
import type { KnownEntity, KnownRelationship } from '../history/timeline.ts';
import { RELATIONSHIP_TYPES, type RelationshipType } from '../vocabulary/relationship-type.ts';
import { assessRisk, type RiskThresholds, severityOf } from './assess-risk.ts';
import { DEPENDING, dependentsOf, edgesOf, neighboursOf } from './dependents.ts';
import { deploymentGate, freshnessPenalty, type ImpactFindings, recommendations } from './deployment-gate.ts';
import type { Affected, analyseImpactSchema, GraphImpact, ImpactSeverity } from './impact.ts';
import { specImpact } from './spec-impact.ts';

type Asked = z.output<typeof analyseImpactSchema>;

export interface ImpactParts {
  graph: CodeGraph;
  /** The node of each change, by its place among them; null for an entity without edges. */
  nodes: readonly (number | null)[];
  /** What is known of entities, by id. */
  known: (ids: readonly string[]) => Promise<ReadonlyMap<string, KnownEntity>>;
  /** What is known of relationships, by id. */
  relationships: (ids: readonly string[]) => Promise<ReadonlyMap<string, KnownRelationship>>;
  /** When edges have to hold. */
  time: Pick<EdgeFilter, 'since' | 'until'>;
  maxEdges: number;
  thresholds?: RiskThresholds;
}

/** What a change can break (KG-276). Equal graphs give equal results: all lists are in the order of ids. */
export async function analyseImpact(asked: Asked, parts: ImpactParts): Promise<GraphImpact> {
  const { graph, nodes, time, maxEdges } = parts;
  const { changes, includeIndirect, minConfidence } = asked;
  const types = asked.relationshipTypes.length > 0 ? asked.relationshipTypes : DEPENDING;
  const filter = { ...time, types, minConfidence };
  const changed = [...new Set(nodes.flatMap((node) => node ?? []))];
  const maxDepth = includeIndirect ? asked.maxDepth : 1;
  const { reached, truncated } = dependentsOf(graph, changed, { filter, maxDepth, maxEdges });

  const linked = (from: Iterable<number>, direction: 'outgoing' | 'incoming', of: readonly RelationshipType[]) =>
    neighboursOf(graph, from, direction, { ...time, types: of });
  const all = [...changed, ...reached.map(({ node }) => node)];
  const tests = linked(all, 'incoming', ['TESTS', 'VALIDATES']);
  const docs = linked(changed, 'outgoing', ['DOCUMENTED_BY']);
  const specs = [linked(all, 'outgoing', ['IMPLEMENTS_SPEC', 'REQUIRES']), linked(all, 'incoming', ['IMPACTS'])];

  const sets = [tests, docs, ...specs].flatMap((found) => [...found.values()].flatMap((set) => [...set]));
  const ids = [...new Set([...all, ...sets])].map((node) => graph.idOf(node));
  const known = await parts.known([...new Set([...ids, ...changes.map(({ entityId }) => entityId)])]);
  const told = (some: Iterable<number>) => affectedOf(graph, some, known);
  const union = (...found: ReadonlyMap<number, ReadonlySet<number>>[]) =>
    new Set(found.flatMap((one) => [...one.values()].flatMap((set) => [...set])));

  const severities = changes.map((change) => severityOf(change, isExported(known.get(change.entityId))));
  const direct = linked(changed, 'incoming', types);
  const affected = new Set(reached.map(({ node }) => node));
  const severe = severestOf(severities.filter((_, n) => affects(direct, nodes[n] ?? null, affected)));
  const breaking = nodes.filter((_, n) => severities[n] === 'high').flatMap((node) => node ?? []);
  const untestedShare = all.length === 0 ? 0 : 1 - tests.size / all.length;
  const affectedTests = told(union(tests));
  const requiredUpdates = told(union(new Map([...tests].filter(([node]) => breaking.includes(node)))));
  const staleDocs = told(union(docs));
  const missingDocs = told(
    changed.filter((node) => !docs.has(node) && isExported(known.get(graph.idOf(node))) === true),
  );
  const specEdges = [
    ...edgesOf(graph, all, 'outgoing', { ...time, types: ['IMPLEMENTS_SPEC', 'REQUIRES'] }),
    ...edgesOf(graph, all, 'incoming', { ...time, types: ['IMPACTS'] }),
  ];
  const staleDocsOfBreaking = told(union(new Map([...docs].filter(([node]) => breaking.includes(node)))));
  const specsTold = specImpact(
    (await parts.relationships(specEdges)).values(),
    new Set([...union(...specs)].map((node) => graph.idOf(node))),
    known,
    new Set(breaking.map((node) => graph.idOf(node))),
  );
  const riskLevel = assessRisk(severe, affected.size, parts.thresholds);
  const idsOf = (some: readonly Affected[]) => some.map(({ id }) => id);
  const found: ImpactFindings = {
    ...{ riskLevel, changed: changes.length, affected: affected.size, isBreaking: severe === 'high', truncated },
    ...{ tests: idsOf(affectedTests), testsToChange: idsOf(requiredUpdates), untestedShare },
    ...{
      staleDocs: idsOf(staleDocs),
      missingDocs: idsOf(missingDocs),
      specs: specsTold.relatedSpecs.map(({ specId }) => specId),
    },
  };
  return {
    revision: graph.revision,
    directImpact: changes.flatMap(({ entityId, changeType }, n) => {
      const at = reached.filter(({ node, depth }) => depth === 1 && direct.get(nodes[n] ?? -1)?.has(node));
      if (at.length === 0) return [];
      const reason = `${changeType} of ${entityId}, on which ${at.length === 1 ? 'one depends' : `${at.length} depend`}`;
      return [{ entityId, entities: told(at.map(({ node }) => node)), severity: severities[n] ?? 'low', reason }];
    }),
    cascadingImpact: levelsOf(graph, reached).map(({ entities, ...level }) => ({ ...level, entities: told(entities) })),
    totalAffectedEntities: affected.size,
    riskLevel,
    testImpact: { affectedTests, requiredUpdates, untestedShare },
    documentationImpact: {
      ...{ staleDocs, missingDocs, requiredUpdates: staleDocsOfBreaking },
      freshnessPenalty: freshnessPenalty(found),
    },
    deploymentGate: deploymentGate(found),
    recommendations: recommendations(found),
    specImpact: specsTold,
    truncated,
  };
}

function affects(
  direct: ReadonlyMap<number, ReadonlySet<number>>,
  node: number | null,
  affected: ReadonlySet<number>,
): boolean {
  return [...(direct.get(node ?? -1) ?? [])].some((one) => affected.has(one));
}

function severestOf(severities: readonly ImpactSeverity[]): ImpactSeverity | null {
  return (['high', 'medium', 'low'] as const).find((one) => severities.includes(one)) ?? null;
}

interface ImpactLevel {
  level: number;
  entities: number[];
  /** That by which most of them were reached. */
  relationship: RelationshipType;
  /** The best of theirs. */
  confidence: number;
}

function levelsOf(graph: CodeGraph, reached: readonly Reached[]): ImpactLevel[] {
  const deepest = reached.reduce((most, { depth }) => Math.max(most, depth), 0);
  return Array.from({ length: Math.max(0, deepest - 1) }, (_, n) => {
    const level = n + 2;
    const at = reached.filter(({ depth }) => depth === level);
    const counts = new Map<number, number>();
    for (const { via } of at) {
      if (via !== null) counts.set(graph.typeCode(via), (counts.get(graph.typeCode(via)) ?? 0) + 1);
    }
    const [[code] = [0]] = [...counts].sort(([a, x], [b, y]) => y - x || a - b);
    return {
      level,
      entities: at.map(({ node }) => node),
      relationship: RELATIONSHIP_TYPES[code] ?? 'REFERENCES',
      confidence: Math.max(...at.map(({ confidence }) => confidence)),
    };
  });
}

function affectedOf(graph: CodeGraph, nodes: Iterable<number>, known: ReadonlyMap<string, KnownEntity>): Affected[] {
  const ids = [...nodes].map((node) => graph.idOf(node)).sort();
  return ids.map((id) => {
    const entity = known.get(id)?.entity;
    const name = textOrNull(entity?.name) ?? textOrNull(entity?.title);
    return { id, type: entity?.type ?? null, name, path: textOrNull(entity?.path) };
  });
}

/** Null where nobody knows. */
function isExported(known: KnownEntity | undefined): boolean | null {
  const exported = known?.entity.isExported;
  return typeof exported === 'boolean' ? exported : null;
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
