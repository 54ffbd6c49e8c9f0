import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../platform/clock/clock.ts';
import { SignalboxError } from '../../platform/errors/index.ts';
import { systemIds } from '../../platform/ids/ids.ts';
import { describeOnBackends, insertTestProject, type TestDatabase } from '../../testing/index.ts';
import { Knowledge } from '../knowledge.ts';
import { GraphQueries } from './graph-queries.ts';
import type { QueryRelationships } from './relationship-query.ts';

const T = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
const edge = (type: string, fromEntityId: string, toEntityId: string, more: object = {}) => ({
  type,
  fromEntityId,
  toEntityId,
  ...more,
});
const file = (path: string) => ({
  ...{ id: `file:${path}`, type: 'file', path, hash: path, language: 'typescript', lastModified: T(0), created: T(0) },
  ...{ extension: '.ts', size: 1, lines: 1, isTest: false, isConfig: false, dependencies: [] },
});
const document = {
  ...{
    id: 'doc',
    type: 'documentation',
    path: 'README.md',
    hash: 'd',
    language: 'markdown',
    lastModified: T(0),
    created: T(0),
  },
  ...{ title: 'Read me', content: '', docType: 'readme', businessDomains: [], stakeholders: [], technologies: [] },
  ...{ status: 'active', docVersion: '1', docHash: 'd', docIntent: 'ai-context', docSource: 'parser' },
};
const cluster = {
  ...{
    id: 'cluster',
    type: 'semanticCluster',
    name: 'c',
    description: '',
    businessDomainId: 'x',
    clusterType: 'feature',
  },
  ...{ cohesionScore: 1, lastAnalyzed: T(0), memberEntities: [] },
};
const ofSession = (sequenceNumber: number, more: object) => ({
  sessionId: ' S-1 ',
  timestamp: T(sequenceNumber),
  sequenceNumber,
  ...more,
});

const EDGES = {
  call: edge('CALLS', 'file:a.ts', 'file:b.ts', {
    ...{
      kind: 'call',
      source: 'type-checker',
      resolution: 'via-import',
      scope: 'imported',
      confidence: 0.5,
      inferred: false,
      resolved: true,
    },
    ...{
      firstSeenAt: T(1),
      lastSeenAt: T(5),
      arity: 2,
      awaited: true,
      isMethod: false,
      operator: '+',
      callee: 'b',
      siteHash: 'sh_1',
    },
  }),
  ref: edge('REFERENCES', 'file:c.ts', 'file:b.ts:inner'),
  import: edge('IMPORTS', 'file:a.ts', 'import:./gone:x', {
    ...{
      importDepth: 2,
      importAlias: 'y',
      importType: 'named',
      isNamespace: false,
      language: 'typescript',
      symbolKind: 'class',
    },
    ...{ modulePath: 'src/app/x' },
  }),
  over: edge('READS', 'file:a.ts', 'file:c.ts', { validFrom: T(1), validTo: T(3) }),
  doc: edge('DOCUMENTED_BY', 'file:a.ts', 'doc', {
    ...{
      domainPath: 'Commerce > Billing',
      docIntent: 'governance',
      docLocale: 'en',
      coverageScope: 'api',
      embeddingVersion: 'e1',
    },
    ...{ stakeholders: ['ann', 'ben'], tags: ['x'], lastValidated: T(4), source: 'manual' },
  }),
  member: edge('CLUSTER_MEMBER', 'file:a.ts', 'cluster', { clusterVersion: 'v2' }),
  slower: edge('PERFORMANCE_REGRESSION', 'file:a.ts', 'file:b.ts', {
    ...{
      metricId: 'API/Latency P95',
      environment: 'Production',
      severity: 'high',
      trend: 'regression',
      detectedAt: T(2),
      resolvedAt: T(6),
    },
  }),
  modified: edge('SESSION_MODIFIED', 's-1', 'file:a.ts', ofSession(2, { actor: 'ann', impactSeverity: 'low' })),
  broke: edge(
    'BROKE_IN',
    'file:b.ts',
    's-1',
    ofSession(1, { actor: 'ben', impactSeverity: 'critical', stateTransitionTo: 'broken' }),
  ),
  contains: edge('CONTAINS', 'directory:src', 'file:b.ts'),
  defines: edge('DEFINES', 'directory:src', 'file:a.ts'),
  back: edge('CALLS', 'file:b.ts', 'file:a.ts', { confidence: 0.9 }),
  deep: edge('CALLS', 'file:b.ts', 'file:d.ts'),
};
type EdgeName = keyof typeof EDGES;

describeOnBackends('graph queries', (backend) => {
  let db: TestDatabase;
  let queries: GraphQueries;
  let projectId: string;
  const names = new Map<string, EdgeName>();

  beforeAll(async () => {
    db = await backend.open();
    const clock = { ...systemClock, now: () => new Date(T(60)) };
    const knowledge = new Knowledge({ database: db.database, clock, ids: systemIds });
    queries = knowledge.queries;
    projectId = await insertTestProject(db.database);
    const entities = [...['a.ts', 'b.ts', 'c.ts'].map(file), document, cluster];
    await knowledge.ingest(
      projectId,
      { units: [{ unit: 'u', entities, relationships: Object.values(EDGES) }], at: T(0) },
      'ann',
    );
    const { relationships } = await queries.relationships(projectId, { since: T(0), limit: 1_000 });
    for (const [name, { type, fromEntityId, toEntityId }] of Object.entries(EDGES)) {
      const same = relationships.find(
        (one) => one.type === type && one.fromEntityId === fromEntityId && one.toEntityId === toEntityId,
      );
      names.set(same?.id ?? '', name as EdgeName);
    }
    expect(names.size).toBe(Object.keys(EDGES).length);
  });
  afterAll(() => db.close());

  const found = async (query: QueryRelationships) =>
    (await queries.relationships(projectId, query)).relationships.map(({ id }) => names.get(id)).sort();

  it('KG-220…227: each filter finds what it is about, and nothing that lacks the field', async () => {
    const cases: [QueryRelationships, EdgeName[]][] = [
      [{ fromEntityId: ['file:c.ts', 'directory:src'] }, ['contains', 'defines', 'ref']],
      [{ toEntityId: 'file:b.ts', type: ['CALLS', 'CONTAINS'] }, ['call', 'contains']],
      [{ entityTypes: ['documentation', 'semanticCluster'] }, ['doc', 'member']],
      [{ type: 'READS' }, []],
      [{ type: 'READS', active: false }, ['over']],
      [{ type: 'READS', at: T(1) }, ['over']],
      [{ type: 'READS', at: T(3) }, []],
      [{ type: 'READS', since: T(2), until: T(9) }, ['over']],
      [{ type: 'READS', since: T(3) }, []],
      [{ kind: 'call', source: ['ast', 'type-checker'], resolution: 'via-import', scope: 'imported' }, ['call']],
      [{ type: 'CALLS', confidenceMin: 0.5, confidenceMax: 0.5 }, ['call']],
      [{ confidenceMin: 0.6, type: 'CALLS' }, ['back']],
      [{ inferred: false, resolved: true, awaited: true, isMethod: false }, ['call']],
      [{ firstSeenSince: T(1), lastSeenSince: T(5), callee: 'b' }, ['call']],
      [{ firstSeenSince: T(2), callee: 'b' }, []],
      [{ arityEq: 2 }, ['call']],
      [{ arityMin: 3 }, []],
      [{ arityMin: 2, arityMax: 2, operator: '+', siteHash: 'sh_1' }, ['call']],
      [{ toRefKind: 'fileSymbol', toRefFile: 'b.ts', toRefSymbol: 'inner', toRefName: 'inner' }, ['ref']],
      [{ fromRefKind: 'entity', type: 'REFERENCES' }, ['ref']],
      [
        { importDepthMin: 2, importDepthMax: 2, importAlias: ['y', 'z'], importType: 'named', isNamespace: false },
        ['import'],
      ],
      [{ language: 'typescript', symbolKind: 'class', modulePath: 'src/app/x' }, ['import']],
      [{ modulePathPrefix: 'src/app/' }, ['import']],
      [{ modulePathPrefix: 'src/ap' }, []],
      [{ domainPath: 'commerce/billing', docIntent: 'governance', docLocale: 'en', coverageScope: 'api' }, ['doc']],
      [{ domainPrefix: 'Commerce' }, ['doc']],
      [{ domainPrefix: 'comm' }, []],
      [{ docType: 'readme', docStatus: 'active', embeddingVersion: 'e1', source: 'manual' }, ['doc']],
      [{ docStatus: 'deprecated' }, []],
      [{ stakeholder: ['zoe', 'ben'], tag: 'x' }, ['doc']],
      [{ lastValidatedAfter: T(4), lastValidatedBefore: T(4) }, ['doc']],
      [{ clusterId: 'cluster', clusterVersion: 'v2' }, ['member']],
      [{ metricId: 'api/latency-p95', environment: 'PROD', severity: 'high', trend: 'regression' }, ['slower']],
      [{ detectedAfter: T(2), detectedBefore: T(2), resolvedAfter: T(6), resolvedBefore: T(6) }, ['slower']],
      [{ sessionId: 'S-1' }, ['broke', 'modified']],
      [{ sessionId: 'other', sessionIds: ['s-1'], sequenceNumber: [1, 7] }, ['broke']],
      [{ sequenceNumberMin: 2, sequenceNumberMax: 2, timestampFrom: T(2), timestampTo: T(2) }, ['modified']],
      [{ actor: 'ben', impactSeverity: 'critical', stateTransitionTo: 'broken' }, ['broke']],
    ];
    for (const [query, expected] of cases) expect([query, await found(query)]).toEqual([query, expected]);
  });

  it('KG-227: pages are stable, and what makes no sense is refused', async () => {
    const all = (await queries.relationships(projectId, {})).relationships.map(({ id }) => id);
    const pages = [];
    for (let offset = 0; offset < all.length; offset += 5)
      pages.push(await queries.relationships(projectId, { limit: 5, offset }));
    expect(pages.flatMap(({ relationships }) => relationships.map(({ id }) => id))).toEqual(all);
    expect(all).toEqual([...all].sort());
    expect(pages[0]).toMatchObject({ total: all.length, limit: 5, offset: 0 });
    const codeOf = (query: object) =>
      queries.relationships(projectId, query).then(
        () => null,
        (error: unknown) => (SignalboxError.is(error) ? error.code : error),
      );
    const wrong = [
      { arityMin: 2, arityMax: 1 },
      { offset: -1 },
      { kind: 'no' },
      { since: T(2), until: T(1) },
      { at: T(1), since: T(0) },
    ];
    for (const query of wrong) expect(await codeOf(query)).toBe('VALIDATION_FAILED');
    expect(await codeOf({ nothing: 1 })).toBe('UNKNOWN_FIELD');
    expect(await queries.relationships(await insertTestProject(db.database), {})).toMatchObject({ total: 0 });
  });

  it('KG-228: relationships around an entity, by type, way, distance and weight', async () => {
    const around = async (more: object) =>
      (await queries.around(projectId, { entityId: 'file:b.ts', ...more })).relationships.map(
        ({ relationshipId, depth, direction }) => `${depth} ${direction} ${names.get(relationshipId)}`,
      );
    const types = ['CALLS' as const, 'IMPORTS' as const];
    expect(await around({ types })).toEqual(['1 outgoing back', '1 outgoing deep', '1 incoming call']);
    expect(await around({ types, directions: ['incoming'] })).toEqual(['1 incoming call']);
    expect(await around({ types, directions: ['outgoing'], depths: [2] })).toEqual([
      '2 outgoing call',
      '2 outgoing import',
    ]);
    expect(await around({ types, depths: [1, 2], weights: { max: 0.5 } })).toEqual(['1 incoming call']);
    // One that does not say how sure it is counts as 1.
    expect(await around({ types, weights: { min: 0.9 } })).toEqual(['1 outgoing back', '1 outgoing deep']);
    expect(await around({ types: ['READS'], directions: ['outgoing'], depths: [2], at: T(1) })).toEqual([]);
    expect((await queries.around(projectId, { entityId: 'file:b.ts', limit: 1 })).truncated).toBe(true);
    const codeOf = (query: object) =>
      queries.around(projectId, { entityId: 'file:b.ts', ...query }).then(
        () => null,
        (error: unknown) => (SignalboxError.is(error) ? error.code : error),
      );
    const wrong = [{ depths: [] }, { depths: [11] }, { weights: { min: 1, max: 0.5 } }, { directions: ['both'] }];
    for (const query of wrong) expect([query, await codeOf(query)]).toEqual([query, 'VALIDATION_FAILED']);
    expect(await codeOf({ entityId: 'nobody' })).toBe('GRAPH_ENTITY_NOT_FOUND');
  });

  it('KG-240…242: children in the order of their paths, imports that lead nowhere, definitions, history of a module', async () => {
    const { parentId, children } = await queries.children(projectId, 'src');
    // Nobody says that there is such a directory.
    expect([parentId, children]).toEqual([null, []]);
    const own = await queries.children(projectId, 'directory:src');
    expect(own.children).toEqual([]);
    expect((await queries.imports(projectId, 'file:a.ts')).imports).toMatchObject([
      { relationship: { importAlias: 'y' }, target: null },
    ]);
    expect(await queries.definition(projectId, 'file:a.ts')).toMatchObject({
      relationship: { type: 'DEFINES' },
      source: { id: 'directory:src' },
    });
    expect(await queries.definition(projectId, 'nothing')).toEqual({
      symbolId: 'nothing',
      relationship: null,
      source: null,
    });
    const history = await queries.moduleHistory(projectId, { modulePath: 'a.ts' });
    expect(history).toMatchObject({ moduleId: 'file:a.ts', moduleType: 'file', versions: [{ hash: 'a.ts' }] });
    const over = history.relationships.find(({ type }) => type === 'READS');
    expect(over).toMatchObject({
      active: false,
      direction: 'outgoing',
      to: { id: 'file:c.ts', type: 'file' },
      segments: [{ closedAt: T(3) }],
    });
    const now = await queries.moduleHistory(projectId, { modulePath: 'a.ts', includeInactive: false });
    expect(now.relationships.length).toBe(history.relationships.length - 1);
  });

  it('KG-240, 241: children come in the order of their paths and names, and it is said where there is more', async () => {
    const own = await insertTestProject(db.database);
    const symbol = (name: string) => ({
      ...{ id: `file:src/b.ts:${name}`, type: 'symbol', path: 'src/b.ts', hash: name, language: 'typescript', name },
      ...{ lastModified: T(0), created: T(0), kind: 'variable', signature: name, docstring: '', visibility: 'public' },
      ...{ isExported: true, isDeprecated: false },
    });
    const paths = ['src/c.ts', 'src/a.ts', 'src/d.ts', 'src/b.ts'];
    const inner = ['zeta', 'alpha', 'mid'].map(symbol);
    const entities = [file('src'), ...paths.map(file), ...inner];
    const relationships = [...paths.map((path) => `file:${path}`), ...inner.map(({ id }) => id)].map((id) =>
      edge('CONTAINS', 'file:src', id),
    );
    const parts = { database: db.database, clock: { ...systemClock, now: () => new Date(T(60)) }, ids: systemIds };
    const knowledge = new Knowledge(parts);
    const said = (n: number) => ({
      units: [{ unit: 'u', entities: [{ ...file('src'), hash: String(n) }, ...entities.slice(1)], relationships }],
      at: T(n),
    });
    for (const n of [1, 2, 3]) await knowledge.ingest(own, said(n), 'ann');
    const { children, truncated } = await queries.children(own, 'src');
    expect([children.map(({ entity }) => entity.id), truncated]).toEqual([
      [
        ...['file:src/a.ts', 'file:src/b.ts'],
        ...['alpha', 'mid', 'zeta'].map((name) => `file:src/b.ts:${name}`),
        ...['file:src/c.ts', 'file:src/d.ts'],
      ],
      false,
    ]);
    const few = new GraphQueries({ ...parts, locate: () => Promise.reject(), most: { events: 1, shown: 6 } });
    const cutShort = await few.children(own, 'src');
    expect([cutShort.children.length, cutShort.truncated]).toEqual([6, true]);

    const history = (more: object) => queries.moduleHistory(own, { modulePath: 'src', ...more });
    const whole = await history({ limit: 7, versionLimit: 3 });
    expect([whole.relationships.length, whole.versions.map(({ hash }) => hash), whole.truncated]).toEqual([
      7,
      ['1', '2', '3'],
      false,
    ]);
    const cut = await history({ limit: 6 });
    expect([cut.relationships.length, cut.versions.length, cut.truncated]).toEqual([6, 3, true]);
    const last = await history({ versionLimit: 2 });
    expect([last.versions.map(({ hash }) => hash), last.truncated]).toEqual([['2', '3'], true]);
  });

  it('KG-246…249: it is said where a session did more than is looked at', async () => {
    const few = new GraphQueries({
      ...{ database: db.database, clock: systemClock, locate: () => Promise.reject() },
      most: { events: 1, shown: 1 },
    });
    const flags = async (of: GraphQueries) => [
      (await of.sessionTimeline(projectId, { sessionId: 's-1' })).truncated,
      (await of.sessionImpacts(projectId, { sessionId: 's-1' })).truncated,
      (await of.sessionsAffecting(projectId, { entityId: 's-1' })).truncated,
      (await of.sessionsAffecting(projectId, { entityId: 'file:b.ts' })).truncated,
    ];
    expect([await flags(queries), await flags(few)]).toEqual([
      [false, false, false, false],
      [true, true, false, false],
    ]);
  });

  it('KG-246…249: what a session did, to what, and which sessions did something to an entity', async () => {
    const timeline = await queries.sessionTimeline(projectId, { sessionId: ' S-1', limit: 1 });
    expect(timeline.events).toMatchObject([
      { type: 'BROKE_IN', sequenceNumber: 1, actor: 'ben', stateTransitionTo: 'broken' },
    ]);
    expect(timeline).toMatchObject({
      ...{ sessionId: 's-1', total: 2, page: { limit: 1, offset: 0, count: 1 } },
      summary: {
        ...{
          totalEvents: 2,
          byType: { SESSION_MODIFIED: 1, BROKE_IN: 1 },
          bySeverity: { critical: 1, high: 0, medium: 0, low: 1 },
        },
        actors: [
          { actor: 'ann', count: 1 },
          { actor: 'ben', count: 1 },
        ],
        ...{ firstTimestamp: T(1), lastTimestamp: T(2) },
      },
    });
    const impacts = await queries.sessionImpacts(projectId, { sessionId: 's-1' });
    expect(impacts.impacts.map(({ entityId, latestSeverity }) => [entityId, latestSeverity])).toEqual([
      ['file:a.ts', 'low'],
      ['file:b.ts', 'critical'],
    ]);
    expect((await queries.sessionImpacts(projectId, { sessionId: 's-1', actor: 'ann' })).totalEntities).toBe(1);
    expect(await queries.sessionsAffecting(projectId, { entityId: 'file:b.ts' })).toMatchObject({
      ...{
        totalSessions: 1,
        sessions: [{ sessionId: 's-1', eventCount: 1, actors: ['ben'], severities: { critical: 1 } }],
      },
    });
  });

  it('KG-254: what it depends on, what depends on it, and its circle once', async () => {
    const found = await queries.dependencies(projectId, { entityId: 'file:a.ts' });
    expect(found.directDependencies.map(({ entity, relationship }) => [entity.id, relationship])).toEqual([
      ['file:b.ts', 'CALLS'],
      ['import:./gone:x', 'IMPORTS'],
    ]);
    expect(found.indirectDependencies).toMatchObject([
      { entity: { id: 'file:d.ts', type: null }, path: ['file:a.ts', 'file:b.ts', 'file:d.ts'], distance: 2 },
    ]);
    expect(found.reverseDependencies).toMatchObject([{ entity: { id: 'file:b.ts' }, impact: 'high' }]);
    expect(found.circularDependencies).toEqual([{ cycle: ['file:a.ts', 'file:b.ts'], severity: 'info' }]);
    expect(
      (await queries.dependencies(projectId, { entityId: 'file:a.ts', minConfidence: 0.6 })).circularDependencies,
    ).toEqual([]);
  });
});
