import { z } from 'zod';
import type { DiffEntry } from '../diff/index.ts';
import { formatDomainPath } from '../diff/index.ts';
import type { GraphRelationship } from '../ports/index.ts';

/** Which paths need which others (RB-099): path → paths, forwards and backwards. */
export const dependencyGraphSchema = z.strictObject({
  dependencies: z.record(z.string(), z.array(z.string())).default({}),
  reverseDependencies: z.record(z.string(), z.array(z.string())).default({}),
});
export type DependencyGraph = z.output<typeof dependencyGraphSchema>;

/** RB-115. */
export interface DependencyReport {
  /** What selected changes need, and is not selected itself. */
  required: string[];
  /** What needs selected changes, and is not selected itself. */
  affected: string[];
  /** Each cycle once, as a list that begins and ends with the same path. */
  circular: string[][];
}

export const NO_DEPENDENCIES: DependencyReport = { required: [], affected: [], circular: [] };

/** What the live relationships between entities say (RB-099): `from` needs `to`, a relationship needs both. */
export function graphOf(relationships: readonly GraphRelationship[]): DependencyGraph {
  const graph: DependencyGraph = { dependencies: {}, reverseDependencies: {} };
  for (const { id, from, to } of relationships) {
    const [self, source, target] = [
      formatDomainPath('relationship', id),
      formatDomainPath('entity', from),
      formatDomainPath('entity', to),
    ];
    link(graph, source, target);
    link(graph, self, source);
    link(graph, self, target);
  }
  return graph;
}

function link({ dependencies, reverseDependencies }: DependencyGraph, path: string, needed: string): void {
  dependencies[path] = [...(dependencies[path] ?? []), needed];
  reverseDependencies[needed] = [...(reverseDependencies[needed] ?? []), path];
}

/** What a selection drags along, transitively; cycles by forward edges only (RB-116). */
export function reportDependencies(
  selected: readonly string[],
  { dependencies, reverseDependencies }: DependencyGraph,
): DependencyReport {
  const chosen = new Set(selected);
  return {
    required: reachable(selected, dependencies).filter((path) => !chosen.has(path)),
    affected: reachable(selected, reverseDependencies).filter((path) => !chosen.has(path)),
    circular: cyclesFrom(selected, dependencies),
  };
}

function reachable(from: readonly string[], edges: Readonly<Record<string, readonly string[]>>): string[] {
  const seen = new Set(from);
  const queue = [...from];
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    for (const next of edgesOf(edges, path)) {
      if (seen.has(next)) continue;
      seen.add(next);
      queue.push(next);
    }
  }
  return [...seen].slice(new Set(from).size);
}

/** The cycles that a depth-first walk closes, each once whatever its first path. */
export function cyclesFrom(from: readonly string[], edges: Readonly<Record<string, readonly string[]>>): string[][] {
  const done = new Set<string>();
  const cycles: string[][] = [];
  for (const start of from) {
    const open: { path: string; rest: string[] }[] = [{ path: start, rest: [...edgesOf(edges, start)] }];
    if (done.has(start)) continue;
    done.add(start);
    for (let top = open.at(-1); top; top = open.at(-1)) {
      const next = top.rest.shift();
      if (next === undefined) {
        open.pop();
        continue;
      }
      const at = open.findIndex(({ path }) => path === next);
      if (at >= 0) cycles.push([...open.slice(at).map(({ path }) => path), next]);
      if (done.has(next)) continue;
      done.add(next);
      open.push({ path: next, rest: [...edgesOf(edges, next)] });
    }
  }
  return cycles;
}

/**
 * Dependencies before dependents, and for deletes the other way round (RB-098); otherwise as given. Deletes stand before the
 * rest. Cycles end where they close.
 */
export function inDependencyOrder(changes: readonly DiffEntry[], { dependencies }: DependencyGraph): DiffEntry[] {
  const deletes = changes.filter(({ operation }) => operation === 'delete');
  const others = changes.filter(({ operation }) => operation !== 'delete');
  return [
    ...dependenciesFirst([...deletes].reverse(), dependencies).reverse(),
    ...dependenciesFirst(others, dependencies),
  ];
}

function dependenciesFirst(
  changes: readonly DiffEntry[],
  edges: Readonly<Record<string, readonly string[]>>,
): DiffEntry[] {
  const byPath = Map.groupBy(changes, ({ path }) => path);
  const seen = new Set<string>();
  const ordered: DiffEntry[] = [];
  for (const { path: start } of changes) {
    if (seen.has(start)) continue;
    seen.add(start);
    const open = [{ path: start, rest: [...edgesOf(edges, start)] }];
    for (let top = open.at(-1); top; top = open.at(-1)) {
      const next = top.rest.shift();
      if (next === undefined) {
        ordered.push(...(byPath.get(top.path) ?? []));
        open.pop();
      } else if (!seen.has(next)) {
        // Also through what is not changed itself: order is transitive.
        seen.add(next);
        open.push({ path: next, rest: [...edgesOf(edges, next)] });
      }
    }
  }
  return ordered;
}

function edgesOf(edges: Readonly<Record<string, readonly string[]>>, path: string): readonly string[] {
  return Object.hasOwn(edges, path) ? (edges[path] ?? []) : [];
}
