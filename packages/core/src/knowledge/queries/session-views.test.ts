import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AppendEvent, Journal } from '../../journal/index.ts';
import { describeOnBackends } from '../../testing/index.ts';
import { openFixture, type SessionFixture } from '../../testing/sessions.ts';
import { Knowledge } from '../knowledge.ts';

const AT = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
const file = (path: string, hash: string) => ({
  ...{ id: `file:${path}`, type: 'file', path, hash, language: 'typescript', lastModified: AT(0), created: AT(0) },
  ...{ extension: '.ts', size: 1, lines: 1, isTest: false, isConfig: false, dependencies: [] },
});
const changed = (path: string, operation: string, more: object = {}) => ({
  type: 'file_change' as const,
  payload: { path, oldPath: null, operation, changeId: `${operation}-${path}`, ...more },
});
const named = (entityIds: string[]) => ({
  changeInfo: { elementType: 'function' as const, entityIds, operation: 'added' as const },
});

describeOnBackends('sessions as the graph sees them', (backend) => {
  let f: SessionFixture;
  let knowledge: Knowledge;
  beforeAll(async () => {
    f = await openFixture(backend);
    knowledge = new Knowledge(f.parts);
  });
  afterAll(() => f.db.close());

  const emit = async (id: string, events: [minute: number, event: Partial<AppendEvent>][]) => {
    const all = events.map(([minute, event]) => ({
      ...{ type: 'modified' as const, actor: 'ann', occurredAt: AT(minute) },
      ...event,
    }));
    return (await new Journal(f.parts).append(f.projectId, id, all)).map(({ seq }) => seq);
  };
  /** As an indexer reads a file; null: it is gone. */
  const read = (minute: number, path: string, hash: string | null) => {
    const unit = `typescript:${path}`;
    const entities = hash === null ? [] : [file(path, hash)];
    return knowledge.ingest(f.projectId, { units: [{ unit, entities }], at: AT(minute) }, 'indexer');
  };

  it('KG-245: what a session changed, with the versions that came of it and not those of others', async () => {
    const [path, other] = [`src/${f.parts.ids.uuid()}.ts`, `src/${f.parts.ids.uuid()}.ts`];
    const [mine, theirs] = [await f.make(), await f.make()];
    await read(0, path, 'first');
    await emit(mine.id, [[10, changed(path, 'modified')]]);
    await read(11, path, 'second');
    await emit(theirs.id, [[20, changed(path, 'modified')]]);
    await read(21, path, 'third');
    await emit(mine.id, [
      [30, changed(path, 'deleted')],
      [31, { type: 'output' }],
      [40, changed(other, 'renamed', { oldPath: path })],
      [50, named(['sym:new'])],
    ]);
    await read(35, path, null);
    const { changes, total, page } = await knowledge.queries.sessionChanges(f.projectId, { sessionId: mine.id });
    expect([total, page]).toEqual([4, { limit: 100, offset: 0, count: 4 }]);
    const versions = (await knowledge.entityTimeline(f.projectId, `file:${path}`)).versions.map((one) => one.versionId);
    expect(changes.map(({ change, versions: came }) => [change.changeType, change.entityId, came])).toEqual([
      [
        'update',
        `file:${path}`,
        [{ versionId: versions[1], entityId: `file:${path}`, relationshipType: 'MODIFIED_IN' }],
      ],
      [
        'delete',
        `file:${path}`,
        [{ versionId: versions[2], entityId: `file:${path}`, relationshipType: 'REMOVED_IN' }],
      ],
      ['rename', `file:${other}`, []],
      ['create', 'sym:new', []],
    ]);
    expect(changes[0]?.change).toMatchObject({ id: `change:modified-${path}`, timestamp: AT(10), author: 'ann' });
    // By the same id the timeline tells of it.
    const timeline = await knowledge.queries.sessionTimeline(f.projectId, { sessionId: mine.id });
    const [first] = changes[0]?.relationships ?? [];
    expect(first).toMatchObject({ type: 'SESSION_MODIFIED', direction: 'incoming', entityId: `file:${path}` });
    expect(timeline.events.map(({ relationshipId }) => relationshipId)).toContain(first?.relationshipId);
    const paged = await knowledge.queries.sessionChanges(f.projectId, { sessionId: mine.id, offset: 1, limit: 1 });
    expect([paged.total, paged.changes.map(({ change }) => change.changeType)]).toEqual([4, ['delete']]);
    expect((await knowledge.queries.sessionChanges(f.otherProjectId, { sessionId: mine.id })).total).toBe(0);
  });

  it('KG-246…249: what journals tell is there beside what the graph was told, each edge once, and filtered alike', async () => {
    const entity = `sym:${f.parts.ids.uuid()}`;
    const { id } = await f.make();
    const to = (state: 'broken' | 'working') => ({ to: state, verifiedBy: 'test' as const, confidence: 1 });
    const [one, two, three] = await emit(id, [
      [1, { ...named([entity]), impact: { severity: 'low' } }],
      [
        2,
        { ...named([entity, 'sym:z']), actor: 'ben', impact: { severity: 'critical' }, stateTransition: to('broken') },
      ],
      [3, { ...named([entity]), stateTransition: to('working') }],
    ]);
    // An indexer told of the first by itself, and of one that no journal has.
    const said = (sequenceNumber: number, more: object = {}) => ({
      ...{ type: 'SESSION_MODIFIED', fromEntityId: id, toEntityId: entity, sessionId: id, timestamp: AT(1) },
      ...{ sequenceNumber, ...more },
    });
    const relationships = [said(one ?? 0, { actor: 'zoe' }), said(900)];
    await knowledge.ingest(f.projectId, { units: [{ unit: `sessions:${id}`, relationships }] }, 'indexer');
    const events = async (more: object = {}) =>
      (await knowledge.queries.sessionTimeline(f.projectId, { sessionId: id, ...more })).events.map(
        ({ type, sequenceNumber }) => `${sequenceNumber} ${type}`,
      );
    const all = [
      ...[`${one} SESSION_MODIFIED`, `${two} BROKE_IN`, `${two} BROKE_IN`, `${three} FIXED_IN`, '900 SESSION_MODIFIED'],
    ];
    expect(await events()).toEqual(all);
    expect(await events({ type: 'FIXED_IN' })).toEqual([all[3]]);
    expect(await events({ actor: 'zoe' })).toEqual([all[0]]);
    expect(await events({ actor: 'ben', impactSeverity: ['critical'] })).toEqual([all[1], all[2]]);
    expect(await events({ stateTransitionTo: 'working' })).toEqual([all[3]]);
    expect(await events({ sequenceNumberMin: three, sequenceNumberMax: three })).toEqual([all[3]]);
    expect(await events({ timestampFrom: AT(2), timestampTo: AT(2) })).toEqual([all[1], all[2]]);
    const impacts = await knowledge.queries.sessionImpacts(f.projectId, { sessionId: id });
    expect(impacts.impacts.map((impact) => [impact.entityId, impact.impactCount, impact.latestSeverity])).toEqual([
      [entity, 4, 'critical'],
      ['sym:z', 1, 'critical'],
    ]);
    const affecting = await knowledge.queries.sessionsAffecting(f.projectId, { entityId: entity });
    expect(affecting).toMatchObject({ totalSessions: 1, sessions: [{ sessionId: id, eventCount: 4 }] });
    expect(affecting.summary.bySeverity).toMatchObject({ critical: 1 });
    expect((await knowledge.queries.sessionsAffecting(f.otherProjectId, { entityId: entity })).totalSessions).toBe(0);
  });
});
