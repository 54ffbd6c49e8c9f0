import type { Database } from '../../platform/database/index.ts';
import type { ServiceMaps } from '../graph/service-maps.ts';
import { serviceIds, servicesById } from '../services/service-store.ts';
import { codeOwners } from './code-owners.ts';
import type { CodePort } from './code-port.ts';
import { type CodeReach, codeReach, type ProposingCall } from './code-reach.ts';
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
  /** The call that is about to write some of them. */
  proposed?: { call: ProposingCall; paths: ReadonlySet<string> } | undefined;
  environment?: string | null | undefined;
}

export interface MeasureParts {
  database: Database;
  maps: ServiceMaps;
  code: CodePort;
}

/**
 * What changes can break: the services that own the files, those whose code uses what changes in them, and what depends on these. Through
 * code and from service to service it goes at most 5 hops each, over what is fresh and of confidence 0.5 or more.
 */
export async function measureReach(
  { database, maps, code }: MeasureParts,
  projectId: string,
  { paths, workspaceIds, root, proposed, environment }: ChangedFiles,
): Promise<ChangeReach> {
  const unique = [...new Set(paths)].sort();
  const isNone = unique.length === 0;
  const inCode =
    isNone || root === null ? null : await codeReach(code, projectId, { paths: unique, workspaceIds, root, proposed });
  const places = [...new Set([...unique, ...(inCode?.users ?? []).map(({ path }) => path)])];
  const rules = isNone ? [] : await listCodeRules(database, projectId, workspaceIds);
  const asksForPackages = root !== null && rules.some(({ kind }) => kind === 'package');
  const owned = codeOwners(rules, places, asksForPackages ? await packageNames(root, places) : new Map());

  const changing = new Set(unique);
  const ofChanged = owned.filter(({ path }) => changing.has(path));
  const pathsOf = Map.groupBy(ofChanged, ({ service }) => service);
  const usersOf = usersByService(inCode, owned);
  const starts = [...new Set([...pathsOf.keys(), ...usersOf.keys()])];
  const filter = { environment, includeStale: false, minConfidence: REACH_CONFIDENCE };
  const { graph } = await maps.current(projectId, filter);
  const { services } = graph.walk(starts, 'upstream', REACH_HOPS);
  const before = new Map(services.map(({ key, from }) => [key, from]));
  const ids = await serviceIds(database, projectId, [...starts, ...services.map(({ key }) => key)]);
  const described = await servicesById(database, projectId, [...ids.values()]);
  const about = (key: string) => {
    const service = described.get(ids.get(key) ?? '');
    return service ? [{ service: key, name: service.name, criticality: service.criticality, team: service.team }] : [];
  };
  return judgeReach({
    paths: unique,
    rules: ofChanged,
    owners: [...pathsOf].flatMap(([key, all]) =>
      about(key).map((service) => ({ ...service, paths: all.map(({ path }) => path) })),
    ),
    using: [...usersOf]
      .filter(([key]) => !pathsOf.has(key))
      .flatMap(([key, through]) => about(key).map((service) => ({ ...service, through }))),
    reached: services
      .filter(({ key }) => !starts.includes(key))
      .flatMap(({ key, distance, confidence }) =>
        about(key).map((service) => ({ ...service, distance, confidence, way: wayTo(key, before) })),
      ),
    code: inCode && {
      changed: inCode.changes.map(({ symbol: { id, name, path } }) => ({ id, name, path })),
      outdated: inCode.outdated,
      truncated: inCode.truncated,
      risk: inCode.risk,
    },
  });
}

/** By service the shortest way from what changes to code of it. */
function usersByService(code: CodeReach | null, owned: readonly { path: string; service: string }[]) {
  const servicesOf = Map.groupBy(owned, ({ path }) => path);
  const named = new Map<string, { name: string; path: string }>();
  for (const { symbol } of code?.changes ?? []) named.set(symbol.id, symbol);
  for (const user of code?.users ?? []) named.set(user.id, user);
  const found = new Map<string, ChangeReach['using'][number]['through']>();
  for (const { path, way } of code?.users ?? []) {
    for (const { service } of servicesOf.get(path) ?? []) {
      if (found.has(service)) continue;
      found.set(
        service,
        way.map((id) => {
          const file = id.replace(/^file:/, '');
          const { name, path } = named.get(id) ?? { name: file, path: file };
          return { id, name, path };
        }),
      );
    }
  }
  return found;
}

function wayTo(key: string, before: ReadonlyMap<string, string>): string[] {
  const way = [key];
  for (let from = before.get(key); from !== undefined && from !== way[0]; from = before.get(from)) way.unshift(from);
  return way;
}
