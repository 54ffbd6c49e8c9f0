import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AppendEvent, Journal, type JournalEvent } from '../../journal/index.ts';
import { SignalboxError } from '../../platform/errors/index.ts';
import { systemIds } from '../../platform/ids/ids.ts';
import { describeOnBackends } from '../../testing/index.ts';
import { createSessions } from '../sessions.ts';
import { codeOf, openFixture, type SessionFixture } from '../testing/session-fixture.ts';

describeOnBackends('checkpoints by themselves, and what they leave', (backend) => {
  let f: SessionFixture;
  let journal: Journal;
  beforeAll(async () => {
    f = await openFixture(backend);
    journal = new Journal({ database: f.db.database });
  });
  afterAll(() => f.db.close());

  const modified = (entityIds: string[] = [], more: Partial<AppendEvent> = {}): AppendEvent => ({
    type: 'modified',
    actor: 'a',
    changeInfo: { elementType: 'function', entityIds, operation: 'modified' },
    ...more,
  });
  const emit = (id: string, ...events: AppendEvent[]) => journal.append(f.projectId, id, events);
  const secondsLeft = async (id: string) => {
    const session = await f.sessions.get(f.projectId, id);
    return session?.expiresAt ? (Date.parse(session.expiresAt) - Date.now()) / 1000 : null;
  };
  const taken = async (id: string) =>
    (await f.sessions.listCheckpoints(f.projectId, id)).map(({ journalSeq, reason }) => ({ journalSeq, reason }));

  it('SES scenario 5: ten events make one automatic checkpoint, at the tenth, and it does not shorten the session’s life', async () => {
    const { id } = await f.make({ ttl: 3600 });
    for (let n = 0; n < 10; n += 1) await emit(id, modified());
    await f.sessions.takeDueCheckpoints();
    for (let n = 0; n < 5; n += 1) await emit(id, modified());
    await f.sessions.takeDueCheckpoints();
    expect(await taken(id)).toEqual([{ journalSeq: 10, reason: 'interval' }]);
    expect(await f.sessions.get(f.projectId, id)).toMatchObject({ lastSeq: 15, status: 'pending' });
    expect(await secondsLeft(id)).toBeGreaterThan(3500);
    expect(await f.sessions.currentCheckpoint(f.projectId, id)).toMatchObject({ sequence: 1, journalSeq: 10 });
    expect(await f.sessions.currentCheckpoint(f.projectId, id, 9)).toBeNull();
  });

  it('SES-018: no checkpoint comes of an event that asks for none, though it counts; of its neighbours in one batch it does', async () => {
    const [quiet, loud] = [await f.make(), await f.make()];
    const none = { autoCheckpoint: false };
    const nine = Array.from({ length: 9 }, () => modified());
    await Promise.all([emit(quiet.id, ...nine), emit(loud.id, ...nine)]);
    const eventId = systemIds.uuid();
    await Promise.all([
      journal.append(f.projectId, quiet.id, [modified(), { type: 'checkpoint', actor: 'a' }], none),
      emit(loud.id, modified([], { eventId })),
    ]);
    // A repetition changes nothing of what the first one brought.
    await journal.append(f.projectId, loud.id, [modified([], { eventId })], none);
    await f.sessions.takeDueCheckpoints();
    expect(await taken(quiet.id)).toEqual([]);
    expect(await taken(loud.id)).toEqual([{ journalSeq: 10, reason: 'interval' }]);
    await emit(quiet.id, ...nine);
    await f.sessions.takeDueCheckpoints();
    expect(await taken(quiet.id)).toEqual([{ journalSeq: 20, reason: 'interval' }]);
  });

  it('SES scenario 6: with a grace of two seconds the session has that long, and then it takes nothing more', async () => {
    const { id } = await f.make({ ttl: 3600 });
    await f.sessions.addCheckpoint(f.projectId, id, { data: 1, graceTTL: 2 });
    expect(await secondsLeft(id)).toBeLessThanOrEqual(2);
    await f.sql(`UPDATE journal_heads SET expires_at = expires_at - interval '3 seconds' WHERE session_id = $1`, [id]);
    expect(await codeOf(emit(id, modified()))).toBe('SESSION_EXPIRED');
    expect(await codeOf(f.sessions.addCheckpoint(f.projectId, id, { data: 1 }))).toBe('SESSION_EXPIRED');
    await f.sessions.expireDue('maintenance');
    expect(await f.sessions.get(f.projectId, id)).toMatchObject({ status: 'expired' });
  });

  it('without a grace a checkpoint leaves the lifetime as it is, and an event after a grace renews all of it', async () => {
    const { id } = await f.make({ ttl: 3600 });
    await f.sessions.addCheckpoint(f.projectId, id, { data: 1 });
    expect(await secondsLeft(id)).toBeGreaterThan(3500);
    await f.sessions.addCheckpoint(f.projectId, id, { data: 1, graceTTL: 60 });
    expect(await secondsLeft(id)).toBeLessThanOrEqual(60);
    await emit(id, modified());
    expect(await secondsLeft(id)).toBeGreaterThan(3500);
  });

  it('SES scenario 7: a checkpoint says what came of the last events, and its failure snapshot gives all of them back', async () => {
    const own = await openFixture(backend);
    const { id } = await own.make({ agentIds: ['a'] });
    const large = 'x'.repeat(70_000);
    const events: AppendEvent[] = [
      modified(['e1'], { impact: { severity: 'high', perfDelta: 5 } }),
      modified(['e2'], { impact: { severity: 'critical', perfDelta: -2 }, payload: { large } }),
      modified(['e3'], { impact: { severity: 'low' } }),
      { type: 'broke', actor: 'a', stateTransition: { to: 'broken', verifiedBy: 'test', confidence: 1 } },
    ];
    await new Journal({ database: own.db.database }).append(own.projectId, id, events);
    const made = await own.sessions.addCheckpoint(own.projectId, id, { data: {}, includeFailureSnapshot: true });
    expect(made.summary).toEqual({ outcome: 'broken', wasBroken: true, keyImpacts: ['e1', 'e2'], perfDelta: 3 });
    expect(made.refEntities).toEqual(['e1', 'e2', 'e3']);
    const [told] = await own.sql(`SELECT payload FROM feed_entries WHERE topic = 'checkpoint'`);
    expect(told?.payload).toMatchObject({
      type: 'checkpoint_complete',
      sessionId: id,
      checkpointId: made.id,
      outcome: 'broken',
    });
    const { items, total } = await own.sessions.failureSnapshots(own.projectId, { sessionId: id });
    expect(total).toBe(1);
    expect(items[0]).toMatchObject({
      checkpointId: made.id,
      outcome: 'broken',
      agentIds: ['tester', 'a'],
      sequence: 1,
    });
    const read: JournalEvent[] = [];
    for await (const event of own.sessions.failureSnapshotEvents(own.projectId, items[0]?.id ?? '')) read.push(event);
    expect(read.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
    expect(read[1]?.payload).toEqual({ large });
    expect(await own.sessions.checkpointStatistics(own.projectId)).toMatchObject({
      checkpointsCreated: 1,
      failureSnapshots: 1,
    });
    expect(await codeOf(own.sessions.failureSnapshot(own.otherProjectId, items[0]?.id ?? ''))).toBe(
      'FAILURE_SNAPSHOT_NOT_FOUND',
    );
    await own.db.close();
  });

  it('SES-101: the latest transition decides the outcome, and a break that was mended is told apart', async () => {
    const { id } = await f.make({ checkpointPolicy: { failureSnapshots: true } });
    const to = (state: 'broken' | 'working' | 'coordinating' | 'completed'): AppendEvent => ({
      type: 'test_pass',
      actor: 'a',
      stateTransition: { to: state, verifiedBy: 'test', confidence: 1 },
    });
    const summaryNow = async () => (await f.sessions.addCheckpoint(f.projectId, id, { data: {} })).summary;
    expect(await summaryNow()).toMatchObject({ outcome: 'working', wasBroken: false, perfDelta: null });
    await emit(id, to('broken'));
    expect(await summaryNow()).toMatchObject({ outcome: 'broken', wasBroken: true });
    await emit(id, to('working'));
    expect(await summaryNow()).toMatchObject({ outcome: 'working', wasBroken: true });
    await emit(id, to('coordinating'));
    expect(await summaryNow()).toMatchObject({ outcome: 'coordinated' });
    // Out of the window of twenty events.
    await emit(id, to('working'), ...Array.from({ length: 20 }, () => modified()));
    expect(await summaryNow()).toMatchObject({ outcome: 'working', wasBroken: false });
    // By its settings only the broken one has left a snapshot.
    const { items } = await f.sessions.failureSnapshots(f.projectId, { sessionId: id });
    expect(items.map(({ sequence }) => sequence)).toEqual([2]);
  });

  it('SES scenario 8: an entity keeps its last five anchors, newest last; while its keeper is down checkpoints go on', async () => {
    const { id } = await f.make({ agentIds: ['a'] });
    await emit(id, modified(['anchored']));
    const made: string[] = [];
    for (let n = 0; n < 7; n += 1) made.push((await f.sessions.addCheckpoint(f.projectId, id, { data: n })).id);
    const anchors = await f.sessions.anchors(f.projectId, 'anchored');
    expect(anchors.map(({ checkpointId }) => checkpointId)).toEqual(made.slice(2));
    expect(anchors[0]).toMatchObject({ sessionId: id, outcome: 'working', actors: ['tester', 'a'] });
    expect(await f.sessions.anchors(f.otherProjectId, 'anchored')).toEqual([]);

    const failures: unknown[] = [];
    let down = true;
    const { anchorTable } = await import('./anchor-store.ts');
    const sessions = createSessions({
      ...f.parts,
      anchors: {
        keep: async (...call) => {
          // Half of it is written before it fails: none of that stays.
          await anchorTable.keep(...call);
          if (down) throw new SignalboxError('DATABASE_UNAVAILABLE');
        },
      },
      onAnchorFailure: (error) => failures.push(error),
    });
    const late = await sessions.addCheckpoint(f.projectId, id, { data: 'late' });
    expect(late.sequence).toBe(8);
    expect(failures).toHaveLength(1);
    expect(await f.sessions.anchors(f.projectId, 'anchored')).toEqual(anchors);
    expect((await f.sessions.checkpointStatistics(f.projectId)).anchorsWaiting).toBe(1);
    await f.sql(`UPDATE anchors_due SET last_tried_at = last_tried_at - interval '1 hour'`);
    expect(await sessions.keepDueAnchors()).toBe(0);
    await f.sql(`UPDATE anchors_due SET last_tried_at = last_tried_at - interval '1 hour'`);
    down = false;
    expect(await sessions.keepDueAnchors()).toBe(1);
    const ids = (await f.sessions.anchors(f.projectId, 'anchored')).map(({ checkpointId }) => checkpointId);
    expect(ids).toEqual([...made.slice(3), late.id]);
    expect((await f.sessions.checkpointStatistics(f.projectId)).anchorsWaiting).toBe(0);
  });

  it('SES-095: what an agent says and asks its tools does not count, an event that asks for a checkpoint gets one', async () => {
    const { id } = await f.make();
    await emit(id, ...Array.from({ length: 40 }, () => ({ type: 'output' as const, actor: 'a', payload: {} })));
    await f.sessions.takeDueCheckpoints();
    expect(await taken(id)).toEqual([]);
    const changes = Array.from({ length: 12 }, () => ({ type: 'file_change' as const, actor: 'a', payload: {} }));
    await emit(id, { type: 'checkpoint', actor: 'a' }, ...changes);
    await f.sessions.takeDueCheckpoints();
    expect(await taken(id)).toEqual([
      { journalSeq: 41, reason: 'event' },
      { journalSeq: 50, reason: 'interval' },
    ]);
  });

  it('SES-041: the number is the session’s own, or its project’s, and null is none', async () => {
    const [three, none, theirs] = [
      await f.make({ checkpointPolicy: { interval: 3 } }),
      await f.make({ checkpointPolicy: { interval: null } }),
      await f.sessions.create(f.otherProjectId, { title: 'By its project', initialPrompt: 'x' }, 'tester'),
    ];
    await f.sql(
      `UPDATE projects SET settings = '{"checkpoints": {"interval": 4}}', version = version + 1 WHERE id = $1`,
      [f.otherProjectId],
    );
    for (const session of [three, none, theirs]) {
      for (let n = 0; n < 2; n += 1) {
        await journal.append(
          session.projectId,
          session.id,
          Array.from({ length: 5 }, () => modified()),
        );
      }
    }
    await f.sessions.takeDueCheckpoints();
    const at = async (session: typeof three) =>
      (await f.sessions.listCheckpoints(session.projectId, session.id)).map(({ journalSeq }) => journalSeq);
    expect(await at(three)).toEqual([3, 6, 9]);
    expect(await at(none)).toEqual([]);
    expect(await at(theirs)).toEqual([4, 8]);
    expect(await codeOf(f.make({ checkpointPolicy: { interval: 0 } }))).toBe('VALIDATION_FAILED');
  });

  it('transitions of its status leave one, unless the latest has all that happened; two takers at once take each place once', async () => {
    const { id } = await f.makeIn('running');
    await f.sessions.pause(f.projectId, id, 'a');
    await f.sessions.addCheckpoint(f.projectId, id, { data: 'at the end' });
    await f.sessions.update(f.projectId, id, { status: 'stopped' }, 'a');
    await Promise.all([f.sessions.takeDueCheckpoints(), f.sessions.takeDueCheckpoints()]);
    // The pause is covered by nothing before it; the stop by the checkpoint that was set right before.
    expect((await taken(id)).filter(({ reason }) => reason === 'transition')).toEqual([]);
    const { id: other } = await f.makeIn('running');
    await f.sessions.pause(f.projectId, other, 'a');
    await Promise.all([f.sessions.takeDueCheckpoints(), f.sessions.takeDueCheckpoints()]);
    expect(await taken(other)).toEqual([{ journalSeq: 2, reason: 'transition' }]);
    expect(await f.sql('SELECT FROM checkpoints_due')).toEqual([]);
  });

  it('a thousand checkpoints of a state that does not change hold it once', async () => {
    const { id } = await f.make();
    const state = { files: Array.from({ length: 2_000 }, (_, n) => ({ path: `src/part-${n}.ts`, lines: n })) };
    const contents = async () => {
      const [row] = await f.sql<{ bodies: number; bytes: number }>(
        'SELECT count(*)::int AS bodies, coalesce(sum(octet_length(body)), 0)::int AS bytes FROM content_blobs',
      );
      return row;
    };
    await f.sessions.addCheckpoint(f.projectId, id, { data: state });
    const before = await contents();
    for (let n = 0; n < 20; n += 1) await f.sessions.addCheckpoint(f.projectId, id, { data: state });
    expect(await contents()).toEqual(before);
    const [row] = await f.sql<{ bytes: number }>(
      'SELECT max(pg_column_size(c.*))::int AS bytes FROM session_checkpoints c WHERE session_id = $1',
      [id],
    );
    expect(row?.bytes).toBeLessThan(300);
    expect((await f.sessions.getCheckpoint(f.projectId, id, 21)).data).toEqual(state);
  });
});
