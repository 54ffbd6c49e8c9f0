import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { AssertedGraph, Knowledge } from '../knowledge/index.ts';
import { SignalboxError } from '../platform/errors/index.ts';
import { describeOnBackends, type TestDatabase } from '../testing/index.ts';
import { openRollbackFixture, type RollbackFixture } from './testing/fixture.ts';

/** The graph itself, which notes what is put, and fails when told to. */
class WatchedGraph extends AssertedGraph {
  readonly writes: string[] = [];
  beforeWrite: (count: number) => void = () => undefined;
  beforeRelationships: () => void = () => undefined;

  override getRelationships(...call: Parameters<AssertedGraph['getRelationships']>) {
    this.beforeRelationships();
    return super.getRelationships(...call);
  }

  override async putEntity(...call: Parameters<AssertedGraph['putEntity']>) {
    this.#note('entity', call[1], call[2]);
    await super.putEntity(...call);
  }

  override async putRelationship(...call: Parameters<AssertedGraph['putRelationship']>) {
    this.#note('relationship', call[1], call[2]);
    await super.putRelationship(...call);
  }

  #note(kind: string, id: string, value: unknown): void {
    this.writes.push(`${value === null ? 'delete' : 'put'} ${kind}:${id}`);
    this.beforeWrite(this.writes.length);
  }
}

const domain = (id: string, description: string) => ({
  ...{ id, type: 'businessDomain', name: id, description, criticality: 'core' },
  ...{ stakeholders: [], keyProcesses: [], extractedFrom: [] },
});
const needs = (fromEntityId: string, toEntityId: string) => ({ type: 'DEPENDS_ON', fromEntityId, toEntityId });

describeOnBackends('rollback acceptance on the code graph', (backend) => {
  let db: TestDatabase;
  let f: RollbackFixture;
  let graph: WatchedGraph;
  let knowledge: Knowledge;
  beforeAll(async () => {
    db = await backend.open();
  });
  afterAll(() => db.close());
  beforeEach(async () => {
    f = await openRollbackFixture(db, {
      openGraph: (parts) => {
        knowledge = new Knowledge(parts);
        graph = new WatchedGraph(parts);
        return graph;
      },
    });
  });
  afterEach(() => f.close());

  const say = async (entities: object[], relationships: object[] = [], unit: string | null = null) => {
    await f.clock.advance(60_000);
    await knowledge.ingest(f.projectId, { units: [{ unit, entities, relationships }] }, 'ann');
  };
  const retract = async (entities: string[], relationships: string[] = []) => {
    await f.clock.advance(60_000);
    await knowledge.ingest(f.projectId, { retract: { entities, relationships } }, 'ann');
  };
  /** What there is: ids with what is said of them. */
  const described = async (...ids: string[]) =>
    Object.fromEntries(
      await Promise.all(
        ids.map(async (id) => {
          const { entity, validTo } = await knowledge.entity(f.projectId, id);
          return [id, validTo === null ? entity.description : null];
        }),
      ),
    );
  const between = async (fromEntityId: string, toEntityId: string) =>
    (await knowledge.queries.relationships(f.projectId, { fromEntityId, toEntityId })).relationships;

  it('A1: puts back what people say, takes away what they said since, and leaves what is read from files', async () => {
    await say([domain('a', '1'), domain('b', '2')]);
    await say([domain('derived', '1')], [needs('derived', 'a')], 'typescript:src/a.ts');
    const point = await f.point();
    await say([domain('a', '9'), domain('c', '3')]);
    await say([domain('derived', '2')], [], 'typescript:src/a.ts');
    const diff = await f.rollback.points.diff(f.projectId, point.id);
    expect(diff.changes.map(({ operation, path }) => [operation, path])).toEqual([
      ['delete', 'entity:c'],
      ['update', 'entity:a'],
    ]);
    expect(diff.changes.every(({ metadata }) => typeof metadata?.timestamp === 'string')).toBe(true);
    const operation = await f.run(point);
    expect(operation).toMatchObject({
      ...{ status: 'completed', progress: 100, error: null },
      result: { success: true, rolledBackEntities: 2, rolledBackRelationships: 0, partialSuccess: false },
    });
    expect(await described('a', 'b', 'c', 'derived')).toEqual({ a: '1', b: '2', c: null, derived: '2' });
    expect(await between('derived', 'a')).toEqual([]);
    expect((await f.rollback.points.diff(f.projectId, point.id)).changeCount).toBe(0);
    // What was put back is a change like others: history keeps what was there.
    const { versions } = await knowledge.entityTimeline(f.projectId, 'a');
    expect(versions.map(({ until }) => until === null)).toEqual([false, false, true]);
    const audited = `SELECT actor FROM audit_events WHERE project_id = $1 AND action = 'graph.assert' ORDER BY id`;
    expect((await f.sql<{ actor: string }>(audited, [f.projectId])).map(({ actor }) => actor)).toEqual([
      ...['ann', 'ann', 'tester', 'tester'],
    ]);
  });

  it('A4: leaves nothing behind when relationships cannot be read', async () => {
    await say([domain('a', '1')]);
    graph.beforeRelationships = () => {
      throw new Error('boom');
    };
    const thrown = await f.point().then(
      () => null,
      (error: unknown) => error,
    );
    if (!SignalboxError.is(thrown)) throw new Error(`expected a SignalboxError, got ${String(thrown)}`);
    expect([thrown.code, thrown.details.error]).toEqual(['SNAPSHOT_CAPTURE_FAILED', 'boom']);
    expect((await f.rollback.snapshotUsage(f.projectId)).totalSnapshots).toBe(0);
    expect(f.named('rollback-point-created')).toEqual([]);
  });

  it('A12: safe puts all back when the third write fails', async () => {
    await say(['a', 'b', 'c', 'd'].map((id) => domain(id, '1')));
    const point = await f.point();
    await say(['a', 'b', 'c', 'd'].map((id) => domain(id, '2')));
    graph.beforeWrite = (n) => {
      if (n === 3) throw new Error('the disk is full');
    };
    const operation = await f.run(point, { strategy: 'safe' });
    expect(operation).toMatchObject({
      ...{ status: 'failed', error: { message: 'the disk is full' } },
      result: { success: false, restored: 'old', appliedChanges: 0 },
    });
    expect(await described('a', 'b', 'c', 'd')).toEqual({ a: '2', b: '2', c: '2', d: '2' });
    expect(graph.writes).toEqual(['a', 'b', 'c', 'b', 'a'].map((id) => `put entity:${id}`));
    const said = operation.log.map(({ message }) => message);
    expect(said).toContain('the rollback failed: the disk is full');
    expect(said).toContain('the backup was restored: everything is as it was');
    expect(await f.rollback.metrics(f.projectId)).toMatchObject({ failedRollbacks: 1, successfulRollbacks: 0 });
  });

  it('A18: applies what is selected and nothing else, and says what it needs', async () => {
    const services = (description: string) => ['user-service', 'auth-service'].map((id) => domain(id, description));
    await say(services('1'), [needs('user-service', 'auth-service')]);
    const [link] = await between('user-service', 'auth-service');
    const point = await f.point();
    await say(services('2'));
    await retract([], [String(link?.id)]);
    const partialSelections = [
      { type: 'entity' as const, identifiers: ['user-service'], priority: 10 },
      { type: 'component' as const, identifiers: ['auth'], includePattern: '/auth/', priority: 5 },
    ];
    const preview = (more: object) =>
      f.rollback.operations.preview(f.projectId, point.id, { type: 'partial', partialSelections, ...more }, 'me');
    const diff = await f.rollback.points.diff(f.projectId, point.id);
    expect(diff.changes.map(({ operation, path }) => [operation, path])).toEqual([
      ['update', 'entity:auth-service'],
      ['update', 'entity:user-service'],
      ['create', `relationship:${link?.id}`],
    ]);
    expect(await preview({})).toMatchObject({
      ...{ strategy: 'partial', totalChanges: 1, estimatedDuration: 1_075, problems: [] },
      affectedItems: { entities: ['entity:user-service'], relationships: [], files: [] },
    });
    const dependencyGraph = {
      dependencies: { 'entity:user-service': ['entity:auth-service'] },
      reverseDependencies: { 'entity:auth-service': ['entity:user-service'] },
    };
    const { dependencies, problems } = await preview({ dependencyGraph });
    expect(dependencies).toEqual({ required: ['entity:auth-service'], affected: [], circular: [] });
    expect(problems[0]).toContain('entity:auth-service');
    const operation = await f.run(point, { type: 'partial', partialSelections });
    expect(operation).toMatchObject({ status: 'completed', strategy: 'partial', result: { rolledBackEntities: 1 } });
    expect(graph.writes).toEqual(['put entity:user-service']);
    expect(await described('user-service', 'auth-service')).toEqual({ 'user-service': '1', 'auth-service': '2' });
    expect(await between('user-service', 'auth-service')).toEqual([]);
    // With the link said again the graph itself says what the selection needs.
    await say([], [needs('user-service', 'auth-service')]);
    await say([domain('user-service', '3')]);
    expect((await preview({})).dependencies.required).toContain('entity:auth-service');
  });

  it('RB-120: a relationship leads back to what is read from files, and to what is only named; not to what is gone', async () => {
    await say([domain('derived', '1')], [], 'typescript:src/a.ts');
    await say([domain('a', '1')], [needs('a', 'derived'), needs('a', 'external:lodash'), needs('derived', 'a')]);
    const links = (await Promise.all(['derived', 'external:lodash'].map((to) => between('a', to)))).flat();
    const back = await between('derived', 'a');
    const ids = [...links, ...back].map(({ id }) => id);
    const point = await f.point();
    await retract([], ids);
    expect(await f.run(point)).toMatchObject({ status: 'completed', result: { rolledBackRelationships: 3 } });
    expect(await between('a', 'external:lodash')).toMatchObject([{ id: links[1]?.id, validTo: null }]);
    await retract(['a'], ids);
    const partialSelections = [{ type: 'relationship' as const, identifiers: ids }];
    const { potentialConflicts } = await f.rollback.operations.preview(
      ...([f.projectId, point.id, { type: 'partial', partialSelections }, 'me'] as const),
    );
    expect(potentialConflicts.map(({ type }) => type)).toEqual(ids.map(() => 'dependency_conflict'));
    expect(await f.run(point)).toMatchObject({ status: 'completed', result: { rolledBackEntities: 1 } });
    // Taking `a` away would leave what people say of it in the air.
    const empty = await f.point('with all');
    await say([domain('new', '1')], [needs('new', 'a')]);
    const only = [{ type: 'entity' as const, identifiers: ['new'] }];
    const taken = await f.rollback.operations.preview(
      ...([f.projectId, empty.id, { type: 'partial', partialSelections: only }, 'me'] as const),
    );
    expect(taken.potentialConflicts.map(({ type, path }) => [type, path])).toEqual([
      ['dependency_conflict', 'entity:new'],
    ]);
  });
});
