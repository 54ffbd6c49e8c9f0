import type { Database } from '../../platform/database/index.ts';
import type { ServiceMaps } from '../graph/service-maps.ts';
import { serviceIds, servicesById } from '../services/service-store.ts';
import { codeOwners } from './code-owners.ts';
import { listCodeRules } from './code-rule-store.ts';
import { packageNames } from './package-names.ts';
import { type ChangeReach, judgeReach, REACH_CONFIDENCE, REACH_HOPS } from './reach.ts';

/** Files that were changed, or are about to be. */
export interface ChangedFiles {
  /** Relative to the workspace. */
  paths: readonly string[];
  /** Whose rules count, beside those of all workspaces. */
  workspaceIds: readonly string[];
  /** Absolute path of the workspace, where its manifests are; null: nobody looks for packages. */
  root: string | null;
  environment?: string | null | undefined;
}

/**
 * What changes can break: the services that own the files, and what depends on these over at most 5 fresh dependencies of confidence 0.5
 * or more.
 */
export async function measureReach(
  { database, maps }: { database: Database; maps: ServiceMaps },
  projectId: string,
  { paths, workspaceIds, root, environment }: ChangedFiles,
): Promise<ChangeReach> {
  const unique = [...new Set(paths)].sort();
  const rules = unique.length === 0 ? [] : await listCodeRules(database, projectId, workspaceIds);
  const asksForPackages = root !== null && rules.some(({ kind }) => kind === 'package');
  const owned = codeOwners(rules, unique, asksForPackages ? await packageNames(root, unique) : new Map());
  const pathsOf = Map.groupBy(owned, ({ service }) => service);
  const filter = { environment, includeStale: false, minConfidence: REACH_CONFIDENCE };
  const { graph } = await maps.current(projectId, filter);
  const starts = [...pathsOf.keys()];
  const { services } = graph.walk(starts, 'upstream', REACH_HOPS);
  const before = new Map(services.map(({ key, from }) => [key, from]));
  const ids = await serviceIds(database, projectId, [...starts, ...services.map(({ key }) => key)]);
  const described = await servicesById(database, projectId, [...ids.values()]);
  const about = (key: string) => {
    const service = described.get(ids.get(key) ?? '');
    return service ? [{ service: key, name: service.name, criticality: service.criticality, team: service.team }] : [];
  };
  const owners = [...pathsOf].flatMap(([key, all]) =>
    about(key).map((service) => ({ ...service, paths: all.map(({ path }) => path) })),
  );
  const reached = services
    .filter(({ key }) => !pathsOf.has(key))
    .flatMap(({ key, distance, confidence }) =>
      about(key).map((service) => ({ ...service, distance, confidence, way: wayTo(key, before) })),
    );
  return judgeReach(unique, owners, reached, owned);
}

function wayTo(key: string, before: ReadonlyMap<string, string>): string[] {
  const way = [key];
  for (let from = before.get(key); from !== undefined && from !== way[0]; from = before.get(from)) way.unshift(from);
  return way;
}
