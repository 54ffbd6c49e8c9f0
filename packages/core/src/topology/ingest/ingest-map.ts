import type { z } from 'zod';
import { recordAudit } from '../../audit/index.ts';
import type { Clock } from '../../platform/clock/clock.ts';
import type { Database, Transaction } from '../../platform/database/index.ts';
import { parseInput, SignalboxError } from '../../platform/errors/index.ts';
import { recordFeed } from '../../platform/feed/index.ts';
import type { Ids } from '../../platform/ids/ids.ts';
import { whyUnstorable } from '../../platform/json/storable-json.ts';
import { knownDependencies, writeDependencies } from '../dependencies/dependency-store.ts';
import { type DependencyRow, type MergedDependencies, mergeDependencies } from '../dependencies/merge-dependencies.ts';
import { holdMap } from '../head-store.ts';
import { mapMoved, NOTHING_DETECTED } from '../map-change.ts';
import { insertCodeRules, workspacesThere } from '../reach/code-rule-store.ts';
import type { StatedService } from '../services/service.ts';
import { insertServices, serviceIds, stateServices } from '../services/service-store.ts';
import { type IngestedMap, type MapStatement, mapStatementSchema } from './statement.ts';

export interface IngestParts {
  database: Database;
  clock: Clock;
  ids: Ids;
}

type Said = z.output<typeof mapStatementSchema>;

/**
 * Takes what sources say into the map, all of it or nothing, by a fixed number of statements. Services that are only named are made, and
 * marked as discovered. Saying the same again changes nothing; what is older than what is known overwrites nothing.
 *
 * @throws VALIDATION_FAILED, UNKNOWN_FIELD, WORKSPACE_NOT_FOUND
 */
export async function ingestMap(
  { database, clock, ids }: IngestParts,
  projectId: string,
  input: MapStatement,
  actor: string,
): Promise<IngestedMap> {
  const said = parseInput(mapStatementSchema, input);
  const why = whyUnstorable(JSON.stringify(said));
  if (why !== null) throw new SignalboxError('VALIDATION_FAILED', { reason: why, problems: [] });
  const now = clock.now();
  return database.transaction(async (tx) => {
    await holdMap(tx, projectId);
    await checkWorkspaces(tx, projectId, said);
    const services = await takeServices(tx, projectId, said, ids);
    const merged = await takeDependencies(tx, projectId, said, now, ids);
    const codeRules = await takeCodeRules(tx, projectId, said, ids);
    const { cycles } = merged.moved ? await mapMoved(tx, projectId, now, ids) : { cycles: NOTHING_DETECTED };
    const { added, changed, observed } = merged;
    const result = { services, dependencies: { added, changed, observed }, codeRules: { added: codeRules }, cycles };
    const described = services.added - services.discovered + services.changed;
    if (described + codeRules > 0) {
      // What reach and gates are counted by: traces alone never say it.
      await recordAudit(tx, projectId, {
        actor,
        action: 'topology.ingest',
        subjectType: 'topology',
        subjectId: projectId,
        details: { discoverySource: said.discoverySource, ...result },
      });
    }
    if (!merged.moved && described + codeRules > 0) await recordFeed(tx, projectId, 'topology', { change: 'services' });
    return result;
  });
}

async function takeServices(
  tx: Transaction,
  projectId: string,
  said: Said,
  ids: Ids,
): Promise<IngestedMap['services']> {
  const stated = new Map<string, StatedService>();
  for (const service of said.services) stated.set(service.key, { ...stated.get(service.key), ...service });
  const named = [
    ...said.dependencies.flatMap(({ source, target }) => [source, target]),
    ...said.codeRules.map(({ service }) => service),
  ];
  const there = await serviceIds(tx, projectId, [...new Set([...stated.keys(), ...named])]);
  const withId = (service: StatedService) => ({ ...service, id: ids.uuid() });
  const fresh = [...stated.values()].filter(({ key }) => !there.has(key));
  const discovered = [...new Set(named)].filter((key) => !there.has(key) && !stated.has(key));
  await insertServices(tx, projectId, fresh.map(withId), false);
  await insertServices(
    tx,
    projectId,
    discovered.map((key) => withId({ key })),
    true,
  );
  const changed = await stateServices(
    tx,
    projectId,
    [...stated.values()].filter(({ key }) => there.has(key)),
  );
  return { added: fresh.length + discovered.length, discovered: discovered.length, changed: changed.length };
}

async function takeDependencies(
  tx: Transaction,
  projectId: string,
  said: Said,
  now: Date,
  ids: Ids,
): Promise<MergedDependencies> {
  const idOf = await serviceIds(tx, projectId, [
    ...new Set(said.dependencies.flatMap(({ source, target }) => [source, target])),
  ]);
  const rows: DependencyRow[] = said.dependencies.map(({ source, target, observedAt, ...dependency }) => {
    const environment = dependency.environment === undefined ? said.environment : dependency.environment;
    const {
      discoverySource = said.discoverySource,
      mode,
      criticality,
      protocol,
      timeoutMs,
      retry,
      confidence,
    } = dependency;
    return {
      id: ids.uuid(),
      sourceId: idOf.get(source) ?? '',
      targetId: idOf.get(target) ?? '',
      discoverySource,
      environment: environment ?? '',
      mode,
      criticality,
      protocol,
      timeoutMs,
      retry,
      confidence,
      lastObservedAt: notAfter(now, observedAt ?? said.at),
      stale: false,
    };
  });
  const pairs = new Map(rows.map(({ sourceId, targetId }) => [`${sourceId} ${targetId}`, { sourceId, targetId }]));
  const merged = mergeDependencies(await knownDependencies(tx, projectId, [...pairs.values()]), rows);
  await writeDependencies(tx, projectId, merged.rows);
  return merged;
}

/** A clock that is ahead must not keep what is seen later from counting. */
function notAfter(now: Date, said: string | undefined): string {
  return new Date(Math.min(now.getTime(), said === undefined ? now.getTime() : Date.parse(said))).toISOString();
}

async function takeCodeRules(tx: Transaction, projectId: string, said: Said, ids: Ids): Promise<number> {
  const idOf = await serviceIds(tx, projectId, [...new Set(said.codeRules.map(({ service }) => service))]);
  const rules = said.codeRules.map(({ service, ...rule }) => ({
    ...rule,
    id: ids.uuid(),
    serviceId: idOf.get(service) ?? '',
    statedBy: said.discoverySource,
  }));
  return (await insertCodeRules(tx, projectId, rules)).length;
}

async function checkWorkspaces(tx: Transaction, projectId: string, { codeRules }: Said): Promise<void> {
  const named = [...new Set(codeRules.flatMap(({ workspaceId }) => workspaceId ?? []))];
  const there = await workspacesThere(tx, projectId, named);
  const missing = named.find((id) => !there.has(id));
  if (missing !== undefined) throw new SignalboxError('WORKSPACE_NOT_FOUND', { id: missing });
}
