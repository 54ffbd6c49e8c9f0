import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeOnBackends, ManualClock, randomCases } from '../../testing/index.ts';
import { codeOf, openFixture, type SessionFixture } from '../../testing/sessions.ts';
import { type AppendEvent, Journal, type SessionState, SessionStates } from '../index.ts';
import { type Frame, Recordings } from './index.ts';
import { applyDelta, deltaBetween } from './state-delta.ts';

describeOnBackends('recordings', (backend) => {
  let f: SessionFixture;
  let journal: Journal;
  let states: SessionStates;
  let clock: ManualClock;
  const errors: unknown[] = [];
  const another = () => new Recordings({ ...f.parts, clock, states, onError: (error) => errors.push(error) });
  let recordings: Recordings;
  beforeAll(async () => {
    f = await openFixture(backend);
    journal = new Journal({ database: f.db.database });
    states = new SessionStates({ database: f.db.database });
    clock = new ManualClock();
    recordings = another();
  });
  afterAll(() => f.db.close());

  const work = (n: number, more: Partial<AppendEvent> = {}): AppendEvent[] =>
    Array.from({ length: n }, (_, at) => ({ type: 'modified', actor: at % 2 ? 'b' : 'a', payload: { at }, ...more }));
  const framesOf = async (id: string, filter = {}): Promise<Frame[]> => {
    const all: Frame[] = [];
    for await (const frame of recordings.eachFrame(f.projectId, id, filter)) all.push(frame);
    return all;
  };
  const places = (frames: readonly Frame[]) => frames.map(({ seq, kind }) => `${kind} ${seq}`);

  it('SES scenario 28: 120 events are recorded behind their base and checked; what is altered or removed is named', async () => {
    const { projectId } = f;
    const { id: sessionId } = await f.make({ agentIds: ['a'], metadata: { goal: 'x' } });
    const recording = await recordings.start(projectId, sessionId, {}, 'tester');
    expect(recording).toMatchObject({ status: 'recording', baseSeq: 0, snapshotFrames: 1, validation: 'not-run' });
    let observed: SessionState | null = null;
    for (let round = 0; round < 12; round += 1) {
      await journal.append(projectId, sessionId, work(9));
      await f.sessions[round % 2 ? 'leave' : 'join'](projectId, sessionId, { agent: 'b' });
      if (round === 5) observed = await states.at(projectId, sessionId, null);
      if (round % 3 === 0) await recordings.tick();
    }
    const stopped = await recordings.stop(projectId, recording.id, 'tester');
    expect(stopped).toMatchObject({ status: 'completed', reason: 'stopped', validation: 'passed', findings: [] });

    const frames = await framesOf(recording.id);
    expect(frames[0]).toMatchObject({ kind: 'snapshot', seq: 0, snapshot: { state: { metadata: { goal: 'x' } } } });
    const events = frames.filter(({ kind }) => kind === 'event');
    expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: 120 }, (_, n) => n + 1));
    expect(events.map(({ event }) => event)).toEqual((await journal.read(projectId, sessionId, { limit: 1000 })).items);
    // The 50th and the 100th frame are followed by a snapshot, each right behind its event.
    expect(frames.flatMap(({ kind }, at) => (kind === 'snapshot' ? [places(frames)[at - 1] ?? 'start'] : []))).toEqual([
      'start',
      'event 49',
      'event 98',
    ]);
    expect(stopped).toMatchObject({ totalFrames: 123, eventFrames: 120, snapshotFrames: 3, lastSeq: 120 });
    expect(await recordings.stateAt(projectId, recording.id, 60)).toEqual(observed);

    const [measured] = await f.sql<{ stored: number; raw: number }>(
      `SELECT sum(octet_length(body))::int AS stored, sum(raw_bytes)::int AS raw FROM recording_frames WHERE recording_id = $1`,
      [recording.id],
    );
    const ratio = (measured?.stored ?? 0) / (measured?.raw ?? 1);
    expect(stopped.compressionRatio).toBeCloseTo(ratio, 10);
    expect(ratio).toBeLessThan(0.6);
    expect((await recordings.statistics(projectId)).storageUsed).toBe(measured?.stored);

    const forged = JSON.stringify({ ...frames[30], event: { ...frames[30]?.event, actor: 'nobody' } });
    await f.sql(
      `UPDATE recording_frames SET encoding = 'json', body = convert_to($2, 'UTF8') WHERE recording_id = $1 AND seq = 30 AND kind = 'event'`,
      [recording.id, forged],
    );
    await f.sql(`DELETE FROM recording_frames WHERE recording_id = $1 AND seq = 77`, [recording.id]);
    const again = await recordings.validate(projectId, recording.id);
    expect(again.validation).toBe('failed');
    expect(again.findings.map(({ seq, kind }) => ({ seq, kind })).slice(0, 2)).toEqual([
      { seq: 30, kind: 'event' },
      { seq: 77, kind: 'event' },
    ]);
    expect(again.findings[0]?.reason).toContain('altered');
    expect(again.findings[1]?.reason).toBe('missing');
    expect(await codeOf(recordings.stateAt(projectId, recording.id, 78))).toBe('RECORDING_DAMAGED');
  });

  it('REPLAY-020: finds forged checksums, missing snapshots, and frames that are consistent but not those recorded', async () => {
    const { projectId } = f;
    const { id: sessionId } = await f.make();
    await journal.append(projectId, sessionId, work(60));
    const make = () => recordings.make(projectId, sessionId, {}, 'tester');
    const reasons = async (id: string) =>
      (await recordings.validate(projectId, id)).findings.map((one) => `${one.kind} ${one.seq}: ${one.reason}`);

    const first = await make();
    expect(first).toMatchObject({ validation: 'passed', reason: 'made', eventFrames: 60, snapshotFrames: 2 });
    await f.sql(`DELETE FROM recording_frames WHERE recording_id = $1 AND kind = 'snapshot' AND seq > 0`, [first.id]);
    expect((await reasons(first.id))[0]).toBe('snapshot 49: missing');

    const second = await make();
    await f.sql(`DELETE FROM recording_frames WHERE recording_id = $1 AND kind = 'snapshot' AND seq = 0`, [second.id]);
    expect((await reasons(second.id))[0]).toBe('snapshot 0: missing: the recording has no base');

    const third = await make();
    await f.sql(`DELETE FROM recording_frames WHERE recording_id = $1 AND seq = 60`, [third.id]);
    expect((await reasons(third.id))[0]).toBe('event 60: missing');

    // Every frame of another recording of the same length, with checksums that fit: only the hash over all of them tells.
    const { id: otherSession } = await f.make();
    await journal.append(projectId, otherSession, work(60, { actor: 'z' }));
    const fourth = await make();
    const other = await recordings.make(projectId, otherSession, { compression: false }, 'tester');
    await f.sql('DELETE FROM recording_frames WHERE recording_id = $1', [fourth.id]);
    await f.sql('UPDATE recording_frames SET recording_id = $1 WHERE recording_id = $2', [fourth.id, other.id]);
    expect((await reasons(fourth.id))[0]).toContain('not those that were recorded');
  });

  it('SES scenario 29: with filters only matching events are loaded, behind the nearest snapshot as their base', async () => {
    const { projectId } = f;
    const { id: sessionId } = await f.make();
    for (let n = 0; n < 30; n += 1) {
      await journal.append(projectId, sessionId, [
        { type: n % 3 ? 'modified' : 'output', actor: n % 2 ? 'b' : 'a', payload: { n } },
      ]);
    }
    const { id } = await recordings.make(projectId, sessionId, {}, 'tester');
    const filter = { fromSeq: 10, toSeq: 20, types: ['modified' as const], actors: ['b'] };
    const page = await recordings.frames(projectId, id, filter);
    // Numbers count from 1, the loop from 0: actor b has the even numbers, and each third from 1 on is output.
    expect(places(page.items)).toEqual(['snapshot 0', 'event 12', 'event 14', 'event 18', 'event 20']);
    expect(page).toMatchObject({ total: 5, next: null, damaged: [] });
    const bare = await recordings.frames(projectId, id, { ...filter, includeSnapshots: false });
    expect(places(bare.items)).toEqual(['event 12', 'event 14', 'event 18', 'event 20']);
    const paged = await recordings.frames(projectId, id, filter, { limit: 2 });
    expect(places(paged.items)).toEqual(['snapshot 0', 'event 12', 'event 14']);
    const rest = await recordings.frames(projectId, id, filter, { limit: 2, after: paged.next ?? '' });
    expect(places(rest.items)).toEqual(['event 18', 'event 20']);
    expect(await codeOf(recordings.frames(projectId, id, {}, { after: 'x' }))).toBe('INVALID_CURSOR');
  });

  it('SES scenario 30: retention of 7 days deletes what ended 10 days ago, and the list shows the rest, newest first', async () => {
    const { id: projectId } = { id: f.otherProjectId };
    const { id: sessionId } = await f.sessions.create(projectId, { title: 'Kept', initialPrompt: 'x' }, 'tester');
    const began = clock.now().getTime();
    const made: string[] = [];
    for (const days of [0, 5, 9]) {
      await clock.advance(began + days * 86_400_000 - clock.now().getTime());
      const { id } = await recordings.start(projectId, sessionId, {}, 'tester');
      made.push((await recordings.stop(projectId, id, 'tester')).id);
    }
    await clock.advance(86_400_000);
    expect(await recordings.retire(projectId, 7)).toBe(1);
    const { items, total } = await recordings.list(projectId);
    expect(items.map(({ id }) => id)).toEqual([made[2], made[1]]);
    expect(total).toBe(2);
    expect(await codeOf(recordings.get(projectId, made[0] ?? ''))).toBe('RECORDING_NOT_FOUND');
    expect(await f.sql('SELECT FROM recording_frames WHERE recording_id = $1', [made[0]])).toEqual([]);
  });

  it('a second start is refused, one under way is not deleted unless forced, and one that is over is not stopped again', async () => {
    const { projectId } = f;
    const { id: sessionId } = await f.make();
    const { id } = await recordings.start(projectId, sessionId, {}, 'tester');
    expect(await codeOf(recordings.start(projectId, sessionId, {}, 'tester'))).toBe('RECORDING_ACTIVE');
    expect(await codeOf(recordings.delete(projectId, id, {}, 'tester'))).toBe('RECORDING_UNDER_WAY');
    expect(await codeOf(recordings.export(projectId, id))).toBe('RECORDING_UNDER_WAY');
    await recordings.stop(projectId, id, 'tester');
    expect(await codeOf(recordings.stop(projectId, id, 'tester'))).toBe('RECORDING_OVER');
    expect(await codeOf(recordings.get(f.otherProjectId, id))).toBe('RECORDING_NOT_FOUND');
    const { id: next } = await recordings.start(projectId, sessionId, {}, 'tester');
    await recordings.delete(projectId, next, { force: true }, 'tester');
    expect(await codeOf(recordings.get(projectId, next))).toBe('RECORDING_NOT_FOUND');
    const told = await f.sql<{ change: string }>(
      `SELECT payload ->> 'change' AS change FROM feed_entries WHERE topic = 'recording' AND payload ->> 'recordingId' = $1 ORDER BY id`,
      [next],
    );
    expect(told.map(({ change }) => change)).toEqual(['started', 'deleted']);
  });

  it('takes snapshots by time where something changed, ends by itself at its longest, and outlives its session', async () => {
    const { projectId } = f;
    const { id: sessionId } = await f.make();
    const settings = { snapshotInterval: 60, maxDuration: 300 };
    const { id } = await recordings.start(projectId, sessionId, settings, 'tester');
    await journal.append(projectId, sessionId, work(3));
    await recordings.tick();
    expect(await recordings.get(projectId, id)).toMatchObject({ eventFrames: 3, snapshotFrames: 1 });
    await clock.advance(60_000);
    await recordings.tick();
    await clock.advance(60_000);
    await recordings.tick();
    expect(places(await framesOf(id))).toEqual(['snapshot 0', 'event 1', 'event 2', 'event 3', 'snapshot 3']);
    await journal.append(projectId, sessionId, work(1));
    await clock.advance(180_000);
    await recordings.tick();
    const over = await recordings.get(projectId, id);
    expect(over).toMatchObject({ status: 'completed', reason: 'max_duration', eventFrames: 4, validation: 'passed' });
    expect(over.durationMs).toBe(300_000);

    const { id: last } = await recordings.start(projectId, sessionId, {}, 'tester');
    await journal.append(projectId, sessionId, work(2));
    await recordings.tick();
    await f.sessions.hardDelete(projectId, sessionId, 'tester');
    await recordings.tick();
    expect(await recordings.get(projectId, last)).toMatchObject({
      status: 'completed',
      reason: 'session_gone',
      eventFrames: 2,
      validation: 'passed',
    });
    expect(await recordings.stateAt(projectId, last, 6)).toMatchObject({ eventCount: 6 });
  });

  it('REPLAY-018: what a process that is gone was recording ends as interrupted, with the frames it has', async () => {
    const { projectId } = f;
    const { id: sessionId } = await f.make();
    const gone = another();
    const { id } = await gone.start(projectId, sessionId, {}, 'tester');
    await journal.append(projectId, sessionId, work(5));
    await gone.tick();
    await journal.append(projectId, sessionId, work(5));
    expect(await recordings.interruptAbandoned()).toBe(0);
    // Nobody else takes it up while its process may still be alive.
    await recordings.tick();
    expect(await recordings.get(projectId, id)).toMatchObject({ status: 'recording', eventFrames: 5 });
    await f.sql(`UPDATE recordings SET lease_until = now() - interval '1 second' WHERE id = $1`, [id]);
    expect(await recordings.interruptAbandoned()).toBe(1);
    expect(await recordings.get(projectId, id)).toMatchObject({
      status: 'interrupted',
      reason: 'interrupted',
      eventFrames: 5,
      validation: 'passed',
    });
  });

  it('at shutdown a process ends what it records and leaves what others record', async () => {
    const { projectId } = f;
    const [mine, theirs] = [await f.make(), await f.make()];
    const [here, there] = [another(), another()];
    const { id } = await here.start(projectId, mine.id, {}, 'tester');
    const { id: other } = await there.start(projectId, theirs.id, {}, 'tester');
    await journal.append(projectId, mine.id, work(2));
    await here.close();
    expect(await here.get(projectId, id)).toMatchObject({ reason: 'shutdown', eventFrames: 2 });
    expect(await here.get(projectId, other)).toMatchObject({ status: 'recording' });
    await there.close();
    expect(errors).toEqual([]);
  });

  it('goes out as a document and comes in again, and a document that was changed does not', async () => {
    const { projectId } = f;
    const { id: sessionId } = await f.make({ agentIds: ['a'] });
    const large = 'y'.repeat(70_000);
    await journal.append(projectId, sessionId, [...work(55), { type: 'output', actor: 'a', payload: { large } }]);
    const { id } = await recordings.make(projectId, sessionId, { compression: false }, 'tester');
    expect((await recordings.get(projectId, id)).compressionRatio).toBe(1);
    const document = JSON.parse(JSON.stringify(await recordings.export(projectId, id)));
    const imported = await recordings.import(f.otherProjectId, document, 'tester');
    expect(imported).toMatchObject({ sessionId, reason: 'imported', validation: 'passed', eventFrames: 56 });
    const there: Frame[] = [];
    for await (const frame of recordings.eachFrame(f.otherProjectId, imported.id)) there.push(frame);
    expect(there).toEqual(await framesOf(id));
    expect(there.at(-1)?.event?.payload).toEqual({ large });

    const forged = structuredClone(document);
    forged.frames[7].frame.event.actor = 'nobody';
    expect(await codeOf(recordings.import(projectId, forged, 'tester'))).toBe('RECORDING_INVALID');
    const shorter = structuredClone(document);
    shorter.frames.splice(20, 1);
    expect(await codeOf(recordings.import(projectId, shorter, 'tester'))).toBe('RECORDING_INVALID');
    const strange = { ...document, more: 1 };
    expect(await codeOf(recordings.import(projectId, strange, 'tester'))).toBe('UNKNOWN_FIELD');
  });
});

it('REPLAY-012: a delta applied to its snapshot gives the code state, the members and the metadata after its event', () => {
  const names = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'));
  const state = fc.record({
    codeState: fc.constantFrom('working' as const, 'broken' as const),
    agentIds: names,
    metadata: fc.dictionary(fc.constantFrom('x', 'y', '__proto__'), fc.oneof(fc.nat(3), fc.constant({ deep: [1] }))),
    seq: fc.nat(100),
  });
  fc.assert(
    fc.property(state, state, (before, after) => {
      const [a, b] = [before, after].map(
        (one) => ({ ...one, metadata: { ...one.metadata } }) as unknown as SessionState,
      );
      if (!a || !b) return;
      const outcome = applyDelta(a, deltaBetween(a, b));
      expect(outcome.codeState).toBe(b.codeState);
      expect([...outcome.agentIds].sort()).toEqual([...b.agentIds].sort());
      expect(outcome.metadata).toEqual(b.metadata);
    }),
    randomCases(),
  );
});
