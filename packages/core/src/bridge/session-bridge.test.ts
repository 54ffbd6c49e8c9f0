import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { AppendEvent } from '../journal/index.ts';
import { Journal } from '../journal/index.ts';
import { Knowledge } from '../knowledge/index.ts';
import { PgDatabase } from '../platform/database/index.ts';
import { SignalboxError } from '../platform/errors/index.ts';
import { createSessions } from '../sessions/index.ts';
import { describeOnBackends } from '../testing/index.ts';
import { openFixture, type SessionFixture } from '../testing/sessions.ts';
import { type BridgeGraph, bridgeGraph } from './bridge-graph.ts';
import { SessionBridge } from './session-bridge.ts';

const modified = (entityIds: string[], more: object = {}) => ({
  type: 'modified' as const,
  changeInfo: { elementType: 'function' as const, entityIds, operation: 'modified' as const },
  ...more,
});

describeOnBackends('session bridge', (backend) => {
  let f: SessionFixture;
  let journal: Journal;
  let knowledge: Knowledge;
  let bridge: SessionBridge;
  let failures: unknown[];
  beforeAll(async () => {
    f = await openFixture(backend);
  });
  const nowhere = new PgDatabase({ kind: 'server', pool: { connectionString: 'postgres://nobody@127.0.0.1:1/none' } });
  afterAll(async () => {
    await nowhere.close();
    await f.db.close();
  });
  beforeEach(() => {
    failures = [];
    journal = new Journal(f.parts);
    knowledge = new Knowledge(f.parts);
    bridge = withGraph(bridgeGraph({ knowledge, sessions: f.sessions }));
  });
  afterEach(() => journal.drain());

  const withGraph = (graph: BridgeGraph | null) =>
    new SessionBridge({
      database: f.parts.database,
      sessions: f.sessions,
      graph,
      onFailure: (error) => failures.push(error),
    });
  const down = () =>
    withGraph(
      new Proxy({} as BridgeGraph, {
        get: () => async () => {
          throw new SignalboxError('DATABASE_UNAVAILABLE');
        },
      }),
    );
  /** A session that nobody runs, with these events after its first. */
  const session = async (events: Partial<AppendEvent>[], more: object = {}) => {
    const { id } = await f.make(more);
    await emit(id, events);
    return id;
  };
  const emit = (id: string, events: Partial<AppendEvent>[]) =>
    journal.append(
      f.projectId,
      id,
      events.map((event) => ({ type: 'modified' as const, actor: 'x', ...event })),
    );
  /** On a database that nobody listens for. */
  const away = () => {
    const parts = { ...f.parts, database: nowhere };
    const sessions = createSessions(parts);
    const graph = bridgeGraph({ knowledge: new Knowledge(parts), sessions });
    return new SessionBridge({ database: nowhere, sessions, graph, onFailure: (error) => failures.push(error) });
  };
  /** While the table is not there. */
  const without = async (table: string, work: () => Promise<void>) => {
    await f.sql(`ALTER TABLE ${table} RENAME TO not_there`);
    try {
      await work();
    } finally {
      await f.sql(`ALTER TABLE not_there RENAME TO ${table}`);
    }
  };
  const say = (entities: object[], relationships: object[]) =>
    knowledge.ingest(f.projectId, { units: [{ unit: null, entities, relationships }] }, 'ann');

  it('scenario 29: what is significant, and what is not quite (BRIDGE-01)', async () => {
    const id = await session([
      { type: 'test_pass' },
      { type: 'broke' },
      { impact: { severity: 'low', perfDelta: -5 } },
      { impact: { severity: 'low', perfDelta: -5.1 } },
      { impact: { severity: 'high' } },
    ]);
    const { transitions, total, graph } = await bridge.transitions(f.projectId, id);
    const first = transitions[0]?.fromSeq ?? 0;
    expect(
      transitions.map(({ fromSeq, toSeq, reasons }) => [(fromSeq ?? 0) - first + 1, toSeq - first + 1, reasons]),
    ).toEqual([
      [1, 2, ['broke_tests']],
      [3, 4, ['performance']],
      [4, 5, ['severity']],
    ]);
    expect([total, graph, transitions[1]?.event.impact]).toEqual([3, 'ok', { severity: 'low', perfDelta: -5.1 }]);
  });

  it('BRIDGE-01: compares with the last known state whatever came between, judges the first event, and takes one entity alone', async () => {
    const to = (state: 'working' | 'broken') => ({ to: state, verifiedBy: 'test' as const, confidence: 1 });
    const id = await session([
      modified(['a'], { impact: { severity: 'critical' } }),
      { stateTransition: to('working') },
      { type: 'output' },
      modified(['b']),
      modified(['a'], { stateTransition: to('broken') }),
      modified(['b'], { impact: { severity: 'high' } }),
    ]);
    const reasons = async (entityId?: string) =>
      (await bridge.transitions(f.projectId, id, entityId)).transitions.map((one) => one.reasons.join());
    expect(await reasons()).toEqual(['severity', 'broke_code', 'severity']);
    expect(await reasons('a')).toEqual(['severity', 'broke_code']);
    expect(await reasons('nowhere')).toEqual([]);
    await expect(bridge.transitions(f.otherProjectId, id)).rejects.toMatchObject({ code: 'SESSION_NOT_FOUND' });
  });

  it('BRIDGE-03: a hit of an entity comes with its specification, cluster and benchmark; a failure of the graph is marked', async () => {
    const [entity, spec, cluster] = [
      `e-${f.parts.ids.uuid()}`,
      `spec-${f.parts.ids.uuid()}`,
      `c-${f.parts.ids.uuid()}`,
    ];
    await say(
      [
        {
          ...{ id: spec, type: 'spec', path: 's.md', hash: 'h', language: 'markdown', title: 'Rates are fair' },
          ...{ created: new Date(0), lastModified: new Date(0), updated: new Date(0), description: '' },
          ...{ acceptanceCriteria: [], status: 'draft', priority: 'low' },
        },
        {
          ...{ id: cluster, type: 'semanticCluster', name: 'Billing', description: '', businessDomainId: 'd' },
          ...{ clusterType: 'feature', cohesionScore: 1, lastAnalyzed: new Date(0), memberEntities: [] },
        },
      ],
      [
        { type: 'IMPLEMENTS_SPEC', fromEntityId: entity, toEntityId: 'other' },
        { type: 'IMPACTS', fromEntityId: 'other', toEntityId: spec },
        { type: 'CLUSTER_MEMBER', fromEntityId: entity, toEntityId: cluster },
        ...[1, 2].map((n) => ({
          ...{ type: 'PERFORMANCE_IMPACT', fromEntityId: `t${n}`, toEntityId: entity, metricId: `m${n}` },
          ...{ delta: n * 10, detectedAt: new Date(n) },
        })),
      ],
    );
    const id = await session([modified([entity], { impact: { severity: 'high' } })]);
    const { transitions, graph } = await bridge.transitions(f.projectId, id, entity);
    const kgContext = { specTitle: 'Rates are fair', clusterName: 'Billing', benchmarkDelta: 20 };
    expect([graph, transitions.map((one) => one.kgContext)]).toEqual(['ok', [kgContext]]);
    const without = await down().transitions(f.projectId, id, entity);
    expect([without.graph, without.transitions.map((one) => one.kgContext), failures.length]).toEqual([
      'failed',
      [null],
      1,
    ]);
    expect((await withGraph(null).transitions(f.projectId, id, entity)).graph).toBe('unavailable');
    // Nothing was asked of the graph: there is no hit.
    expect(await down().transitions(f.projectId, id, 'elsewhere')).toMatchObject({ total: 0, graph: 'ok' });
  });

  it('scenario 30: what one agent did, what stays of it, and that the graph is down (BRIDGE-04)', async () => {
    const entities = ['a', 'b', 'c', 'd'].map((name) => `${name}-${f.parts.ids.uuid()}`);
    const id = await session(
      [
        modified(entities, { actor: 'X', impact: { severity: 'low', perfDelta: -2 } }),
        modified(entities.slice(0, 1), { actor: 'X', impact: { severity: 'low', perfDelta: 0.5 } }),
        modified(['mine'], { actor: 'Y', impact: { severity: 'low', perfDelta: -40 } }),
      ],
      { agentIds: ['X', 'Y'] },
    );
    await f.sessions.addCheckpoint(f.projectId, id, { data: 1 });
    const isolation = await bridge.isolation(f.projectId, id, 'X');
    expect(isolation).toMatchObject({ totalEvents: 2, totalPerfDelta: -1.5, graph: 'ok' });
    const own = isolation.impacts.filter(({ entityId }) => entityId !== 'mine');
    expect(own.map(({ entityId, count, anchors }) => [entityId, count, anchors.length])).toEqual(
      entities.map((entity) => [entity, 1, 1]),
    );
    const failed = await down().isolation(f.projectId, id, 'X');
    expect(failed).toMatchObject({ totalEvents: 2, totalPerfDelta: -1.5, impacts: [], graph: 'failed' });
    expect(failed.events.map(({ actor }) => actor)).toEqual(['X', 'X']);
    // Of others: no anchor lists an agent that is no part of the session.
    expect((await bridge.isolation(f.projectId, id, 'Z')).impacts).toEqual([]);
  });

  it('BRIDGE-05, BRIDGE-06: who joins is told what others did lately, and not of its own', async () => {
    const [entity, mine] = [`e-${f.parts.ids.uuid()}`, `m-${f.parts.ids.uuid()}`];
    await say([], [{ type: 'TESTS', fromEntityId: 'the test', toEntityId: entity }]);
    const broken = { to: 'broken' as const, verifiedBy: 'test' as const, confidence: 1 };
    const old = Array.from({ length: 12 }, () => modified(['long ago'], { actor: 'old' }));
    const id = await session(
      [
        ...old,
        modified([entity], { actor: 'ann', stateTransition: broken }),
        modified([entity, mine], { actor: 'ben', impact: { severity: 'high' } }),
        modified([mine], { actor: 'new' }),
        modified(['x'], { actor: 'ann' }),
      ],
      { agentIds: ['ann', 'ben', 'new'] },
    );
    await f.sessions.addCheckpoint(f.projectId, id, { data: 1 });
    const context = await bridge.joiningContext(f.projectId, id, 'new');
    expect(context.recentChanges).toHaveLength(10);
    expect(context.advice).toEqual({
      ...{ syncWith: ['tester', 'ann', 'ben'], broken: true, severe: true },
      mostActive: [
        { actor: 'old', events: 6 },
        { actor: 'ann', events: 2 },
        { actor: 'new', events: 1 },
      ],
    });
    expect(context.joiningAdvice).toBe(
      'Sync with: tester, ann, ben. Warning: a recent change left the code broken. Note: recent changes are of high impact. Most active: old, ann, new',
    );
    expect(context.kgContext.map(({ entityId }) => entityId)).toEqual(['x', entity, 'long ago']);
    const told = context.kgContext.find(({ entityId }) => entityId === entity);
    expect(told).toMatchObject({ related: [{ id: 'the test' }], lastAnchor: { sessionId: id, outcome: 'broken' } });
    expect(await down().joiningContext(f.projectId, id, 'ann')).toMatchObject({ kgContext: [], graph: 'failed' });
  });

  it('BRIDGE-07: every field of the question counts, files are found by their path, and what is gone by its anchors', async () => {
    const file = `file:src/${f.parts.ids.uuid()}.ts`;
    const path = file.slice('file:'.length);
    const touched = { type: 'file_change' as const, payload: { path, oldPath: null, operation: 'modified' } };
    const [one, other, gone] = [
      await session([touched, touched], { agentIds: ['ann'] }),
      await session([modified([file], { occurredAt: '2020-01-01T00:00:00.000Z' })], { agentIds: ['ben'] }),
      await session([touched], { agentIds: ['zoe'] }),
    ];
    await f.sessions.addCheckpoint(f.projectId, gone, { data: 1 });
    await f.sql('DELETE FROM sessions WHERE id = $1', [gone]);
    const find = async (more: object = {}) => {
      const { sessions } = await bridge.sessionsByEntity(f.projectId, { entityId: file, ...more });
      return sessions.map(({ sessionId }) => ({ [one]: 'one', [other]: 'other', [gone]: 'gone' })[sessionId]).sort();
    };
    expect(await find()).toEqual(['gone', 'one', 'other']);
    expect(await find({ agentId: 'ann' })).toEqual(['one']);
    expect(await find({ state: 'working' })).toEqual(['one', 'other']);
    expect(await find({ outcome: 'broken' })).toEqual([]);
    expect(await find({ until: '2020-01-02T00:00:00.000Z' })).toEqual(['other']);
    expect(await find({ since: '2020-01-02T00:00:00.000Z' })).toEqual(['gone', 'one']);
    expect(await find({ sessionId: other })).toEqual(['other']);
    const { sessions: all } = await bridge.sessionsByEntity(f.projectId, { entityId: file, includeEvents: true });
    const seqs = all.find(({ sessionId }) => sessionId === one)?.events?.map(({ seq }) => seq) ?? [];
    expect(seqs).toHaveLength(2);
    expect(await find({ fromSeq: (seqs[1] ?? 0) + 1 })).toEqual([]);
    expect(await find({ fromSeq: seqs[1], toSeq: seqs[1] })).toEqual(['one']);
    expect(all.find(({ sessionId }) => sessionId === gone)).toMatchObject({
      ...{ exists: false, status: null, outcome: 'working', eventCount: 0, agentIds: expect.arrayContaining(['zoe']) },
    });
    expect(await bridge.sessionsByEntity(f.projectId, { entityId: file, limit: 1 })).toMatchObject({ total: 3 });
    expect((await bridge.sessionsByEntity(f.otherProjectId, { entityId: file })).sessions).toEqual([]);
    await expect(bridge.sessionsByEntity(f.projectId, { entityId: file, nothing: 1 } as never)).rejects.toMatchObject({
      code: 'UNKNOWN_FIELD',
    });
    const failed = await down().sessionsByEntity(f.projectId, { entityId: file, includeKgContext: true });
    expect([failed.graph, failed.sessions.length, failed.related]).toEqual(['failed', 2, []]);
  });

  it('BRIDGE-08: counts each session and checkpoint once, and tells the worst', async () => {
    const [a, b] = [`a-${f.parts.ids.uuid()}`, `b-${f.parts.ids.uuid()}`];
    const slower = (perfDelta: number) => ({ impact: { severity: 'low' as const, perfDelta } });
    await session([modified([a, b], slower(-4)), modified([a], slower(1)), modified([b], slower(0))], {
      agentIds: ['ann', 'ben'],
    });
    const gone = await session([modified([a, b], slower(-9))], { agentIds: ['zoe'] });
    await f.sessions.addCheckpoint(f.projectId, gone, { data: 1 });
    await f.sql('DELETE FROM sessions WHERE id = $1', [gone]);
    expect(await bridge.aggregates(f.projectId, { entityIds: [a, b, a] })).toEqual({
      ...{
        totalSessions: 2,
        activeAgents: expect.any(Number),
        recentOutcomes: { working: 2 },
        graph: 'ok',
        truncated: false,
      },
      performanceImpact: { total: -12, average: -4, worst: -9 },
      entityBreakdown: [
        { entityId: a, sessionCount: 2, avgImpact: -4 },
        { entityId: b, sessionCount: 2, avgImpact: -6.5 },
      ],
    });
    const { activeAgents } = await bridge.aggregates(f.projectId, { entityIds: [a] });
    expect(activeAgents).toBe(3);
    expect(await bridge.aggregates(f.projectId, { entityIds: ['nothing'] })).toMatchObject({
      ...{ totalSessions: 0, recentOutcomes: {}, performanceImpact: { total: 0, average: 0, worst: 0 } },
    });
  });

  it('BRIDGE-03: of very many measurements of an entity the last one is told of', async () => {
    const id = await session([modified(['sym:x'], { impact: { severity: 'high' } })]);
    const relationships = Array.from({ length: 300 }, (_, n) => ({
      ...{ type: 'PERFORMANCE_IMPACT', fromEntityId: `test:a#${n}`, toEntityId: 'sym:x', metricId: 'time', delta: n },
      detectedAt: new Date(Date.UTC(2026, 0, 1, 0, n)).toISOString(),
    }));
    await knowledge.ingest(f.projectId, { units: [{ unit: 'bench', relationships }] }, 'ann');
    const { transitions } = await bridge.transitions(f.projectId, id, 'sym:x');
    expect(transitions.map(({ kgContext }) => kgContext?.benchmarkDelta)).toEqual([299]);
  });

  it('BRIDGE-11: is well while sessions and graph answer, and without a graph as well as one can be', async () => {
    const well = { healthy: true, bridge: true, sessionManager: true };
    expect(await bridge.health(f.projectId)).toEqual({ ...well, knowledgeGraph: 'ok' });
    expect(await withGraph(null).health(f.projectId)).toEqual({ ...well, knowledgeGraph: 'not_configured' });
    expect(failures).toEqual([]);
  });

  it.each(['graph_heads', 'graph_entities', 'graph_relationships', 'session_anchors'])(
    'BRIDGE-11: the graph is down once %s is, also where it stands in memory',
    async (table) => {
      expect((await bridge.health(f.projectId)).knowledgeGraph).toBe('ok');
      await without(table, async () => {
        const health = await bridge.health(f.projectId);
        expect(health).toEqual({ healthy: false, bridge: true, sessionManager: true, knowledgeGraph: 'failed' });
        expect(failures.map(String)).toEqual([expect.stringContaining(`"${table}" does not exist`)]);
      });
      expect((await bridge.health(f.projectId)).healthy).toBe(true);
    },
  );

  it.each(['sessions', 'journal_events'])('BRIDGE-11: all of it is down once %s is', async (table) => {
    const down = { healthy: false, bridge: false, sessionManager: false };
    await without(table, async () => {
      expect(await bridge.health(f.projectId)).toEqual({ ...down, knowledgeGraph: 'failed' });
      expect(await withGraph(null).health(f.projectId)).toEqual({ ...down, knowledgeGraph: 'not_configured' });
    });
    expect(failures).toHaveLength(2);
  });

  it('BRIDGE-11: all of it is down where the database is away, and that is an answer', async () => {
    const down = { healthy: false, bridge: false, sessionManager: false, knowledgeGraph: 'failed' };
    expect(await away().health(f.projectId)).toEqual(down);
    expect(failures).toMatchObject([{ code: 'DATABASE_UNAVAILABLE' }]);
  });

  it('BRIDGE-09: what nobody foresaw has the code of the question, what was asked, and why; what callers know keeps its own', async () => {
    const id = await session([modified(['a'])]);
    const questions: [string, object, (of: SessionBridge) => Promise<unknown>][] = [
      ['BRIDGE_TRANSITIONS_FAILED', { sessionId: id, entityId: 'a' }, (of) => of.transitions(f.projectId, id, 'a')],
      ['BRIDGE_ISOLATE_FAILED', { sessionId: id, agentId: 'ann' }, (of) => of.isolation(f.projectId, id, 'ann')],
      [
        'BRIDGE_HANDOFF_FAILED',
        { sessionId: id, joiningAgent: 'ben' },
        (of) => of.joiningContext(f.projectId, id, 'ben'),
      ],
      [
        'BRIDGE_ENTITY_QUERY_FAILED',
        { entityId: 'a', query: { entityId: 'a', agentId: 'ann', limit: 50 } },
        (of) => of.sessionsByEntity(f.projectId, { entityId: 'a', agentId: 'ann' }),
      ],
      [
        'BRIDGE_AGGREGATES_FAILED',
        { entityIds: ['a'], query: { agentId: 'ann' } },
        (of) => of.aggregates(f.projectId, { entityIds: ['a', 'a'], agentId: 'ann' }),
      ],
    ];
    for (const [code, details, ask] of questions) {
      await without('journal_events', async () => {
        const cause = expect.objectContaining({ message: expect.stringContaining('does not exist') });
        await expect(ask(bridge)).rejects.toMatchObject({ code, status: 500, details, cause });
      });
      await ask(bridge);
      await expect(ask(away())).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE', status: 503 });
    }
    const missing = f.parts.ids.uuid();
    const refused = { code: 'SESSION_NOT_FOUND', details: { id: missing } };
    await expect(bridge.transitions(f.projectId, missing)).rejects.toMatchObject(refused);
    await expect(bridge.isolation(f.projectId, missing, 'ann')).rejects.toMatchObject(refused);
    await expect(bridge.joiningContext(f.projectId, missing, 'ben')).rejects.toMatchObject(refused);
    // Text that no column holds is refused as it is everywhere: the API makes 400 of it.
    const unfit = bridge.sessionsByEntity(f.projectId, { entityId: 'a\0' });
    await expect(unfit).rejects.toMatchObject({ kind: 'invalid_text' });
  });
});
