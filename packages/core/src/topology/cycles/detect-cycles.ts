import { z } from 'zod';
import type { Transaction } from '../../platform/database/index.ts';
import { recordFeeds } from '../../platform/feed/index.ts';
import type { Ids } from '../../platform/ids/ids.ts';
import { type MapEdge, readMapEdges } from '../dependencies/dependency-store.ts';
import { ServiceGraph } from '../graph/service-graph.ts';
import { type CycleAlert, canonicalCycle } from './cycle-alert.ts';
import { allCycleAlerts, insertCycleAlerts, reopenCycleAlerts, resolveCycleAlerts } from './cycle-alert-store.ts';

/** Cycles of one environment that alerts tell of, beyond one for each set of services that depend on each other. */
const MOST_CYCLES = 200;
/** Who resolves the alerts of cycles that are gone. */
const DETECTION = 'system:detection';

export const detectedSchema = z.object({
  /** Alerts of cycles that were never seen before. */
  opened: z.int(),
  /** Of cycles that had been resolved, and are there again. */
  reopened: z.int(),
  /** Of cycles that are gone. */
  resolved: z.int(),
});
export type Detected = z.infer<typeof detectedSchema>;

interface Found {
  environment: string | null;
  path: string[];
}

/**
 * Looks for cycles in the whole map, over dependencies that are not stale (DEP-013), in each environment and in what holds in all of them.
 * One that is new opens an alert, one whose alert was resolved opens it again, and alerts of cycles that are gone are resolved. What is
 * known stays as it is, so telling the same map again tells nothing. The caller holds the map.
 */
export async function detectCycles(tx: Transaction, projectId: string, at: Date, ids: Ids): Promise<Detected> {
  const edges = await readMapEdges(tx, projectId);
  const alerts = await allCycleAlerts(tx, projectId);
  const { fresh, again, gone } = compare(edges, alerts);
  const opened = fresh.map((cycle) => ({ ...cycle, id: ids.uuid() }));
  await insertCycleAlerts(tx, projectId, opened, at);
  await reopenCycleAlerts(
    tx,
    projectId,
    again.map(({ id }) => id),
    at,
  );
  await resolveCycleAlerts(
    tx,
    projectId,
    gone.map(({ id }) => id),
    { by: DETECTION, at, notes: 'The cycle is gone.' },
  );
  const news = [
    ...opened.map(({ id }) => ({ alertId: id, change: 'opened' })),
    ...again.map(({ id }) => ({ alertId: id, change: 'reopened' })),
    ...gone.map(({ id }) => ({ alertId: id, change: 'resolved' })),
  ];
  await recordFeeds(tx, projectId, 'topology', news);
  return { opened: opened.length, reopened: again.length, resolved: gone.length };
}

function compare(edges: readonly MapEdge[], alerts: readonly CycleAlert[]) {
  const environments = [...new Set(edges.map(({ environment }) => environment))].filter((name) => name !== '').sort();
  const fresh: Found[] = [];
  const again: CycleAlert[] = [];
  const gone: CycleAlert[] = [];
  /** Those that hold in every environment, and so need no alert in each. */
  const everywhere: (readonly string[])[] = [];
  for (const environment of [null, ...environments]) {
    const graph = ServiceGraph.of(edges, { environment, includeStale: false, minConfidence: 0 });
    const known = alerts.filter((alert) => alert.environment === environment);
    const held = known.filter(({ path }) => graph.holds(path) && !everywhere.some((cycle) => isSame(cycle, path)));
    const covered = [...everywhere, ...held.map(({ path }) => path)];
    const found = graph.cycles(covered, MOST_CYCLES).map(canonicalCycle);
    again.push(...held.filter(({ status }) => status === 'resolved'));
    gone.push(...known.filter((alert) => alert.status !== 'resolved' && !held.includes(alert)));
    fresh.push(...found.map((path) => ({ environment, path })));
    if (environment === null) everywhere.push(...covered, ...found);
  }
  // Environments of which nothing is known any more.
  gone.push(
    ...alerts.filter(
      ({ environment, status }) => environment !== null && status !== 'resolved' && !environments.includes(environment),
    ),
  );
  return { fresh, again, gone };
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((key, at) => key === other[at]);
}
