import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeOnBackends, randomCases } from '../../testing/index.ts';
import { codeOf, openFixture, type SessionFixture } from '../../testing/sessions.ts';
import { type AppendEvent, INLINE_PAYLOAD_BYTES, Journal, type JournalEvent } from '../index.ts';
import { factOf, foldFacts, SessionStates, stateAtOrigin } from './index.ts';

/** Each case writes a journal and looks at several places of it. */
const CASES = { numRuns: Math.ceil(randomCases().numRuns / 10) };

const callId = fc.constantFrom('c1', 'c2', 'c3');
const agent = fc.constantFrom('a', 'b', 'c');
const payloads: fc.Arbitrary<Pick<AppendEvent, 'type' | 'payload' | 'stateTransition'>> = fc.oneof(
  fc.record({ type: fc.constant('tool_call' as const), payload: fc.record({ callId, tool: fc.constant('bash') }) }),
  fc.record({
    type: fc.constant('tool_result' as const),
    payload: fc.record({ callId, status: fc.constantFrom('completed', 'error', 'denied', 'unknown') }),
  }),
  fc.record({
    type: fc.constant('usage' as const),
    payload: fc.record({ inputTokens: fc.nat(1000), outputTokens: fc.nat(1000), costUsd: fc.constantFrom(null, 0.25) }),
  }),
  fc.record({
    type: fc.constant('handoff' as const),
    payload: fc.record({ agent, direction: fc.constantFrom('joined', 'left') }),
  }),
  fc.record({
    type: fc.constant('message' as const),
    payload: fc.record({ messageId: fc.constantFrom('m1', 'm2/2') }),
  }),
  fc.record({
    type: fc.constant('status' as const),
    payload: fc.oneof(
      fc.record({ to: fc.constantFrom('running', 'paused', 'failed') }),
      fc.record({ phase: fc.constant('opened'), detail: fc.record({ runtimeSessionId: fc.constantFrom('r1', 'r2') }) }),
      fc.record({
        phase: fc.constant('metadata'),
        metadata: fc.record({
          set: fc.dictionary(fc.constantFrom('x', 'y'), fc.nat(9)),
          unset: fc.constant<string[]>(['x']),
        }),
      }),
    ),
  }),
  fc.record({
    type: fc.constantFrom('modified' as const, 'broke' as const),
    stateTransition: fc.record({
      to: fc.constantFrom('working' as const, 'broken' as const),
      verifiedBy: fc.constant('test' as const),
      confidence: fc.constant(1),
    }),
  }),
  // What says nothing, whatever its shape.
  fc.record({ type: fc.constantFrom('usage' as const, 'tool_call' as const, 'status' as const), payload: fc.json() }),
);

describeOnBackends('the state of a session at an event', (backend) => {
  let f: SessionFixture;
  let journal: Journal;
  beforeAll(async () => {
    f = await openFixture(backend);
    journal = new Journal({ database: f.db.database });
  });
  afterAll(() => f.db.close());

  const eventsOf = async (id: string): Promise<JournalEvent[]> =>
    (await journal.read(f.projectId, id, { limit: 1000 })).items;

  it('REPLAY-040: at every event it is what folding from the beginning gives, whatever was kept in between', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(payloads, { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 7 }),
        fc.array(fc.nat(40), { minLength: 1, maxLength: 6 }),
        async (given, every, looks) => {
          const { id } = await f.make({ agentIds: ['first'], metadata: { z: 1 } });
          await journal.append(
            f.projectId,
            id,
            given.map((event) => ({ actor: 'a', ...event })),
          );
          const events = await eventsOf(id);
          const origin = { agentIds: ['tester', 'first'], metadata: { z: 1 }, codeState: 'working' as const };
          const states = new SessionStates({ database: f.db.database, every });
          for (const look of looks) {
            const seq = Math.min(look, events.length);
            const expected = foldFacts(stateAtOrigin(id, origin), events.slice(0, seq).map(factOf));
            expect(await states.at(f.projectId, id, seq)).toEqual(expected);
          }
        },
      ),
      CASES,
    );
  });

  it('follows members, metadata, status, usage and calls of the verbs themselves', async () => {
    const { id } = await f.make({ agentIds: ['a'], metadata: { topic: 'x', gone: true } });
    const states = new SessionStates({ database: f.db.database });
    await f.sessions.join(f.projectId, id, { agent: 'b' });
    await f.sessions.leave(f.projectId, id, { agent: 'a' });
    await f.sessions.update(f.projectId, id, { metadata: { topic: 'y', gone: null } }, 'x');
    await f.sessions.join(f.projectId, id, { agent: 'a' });
    await f.sessions.update(f.projectId, id, { status: 'running' }, 'x');
    const session = await f.sessions.get(f.projectId, id);
    const now = await states.at(f.projectId, id, null);
    expect(now).toMatchObject({
      agentIds: session?.agentIds,
      metadata: { topic: 'y' },
      status: 'running',
      eventCount: session?.lastSeq,
      seq: session?.lastSeq,
    });
    expect(now.agentIds).toEqual(['tester', 'a', 'b']);
    expect(await states.at(f.projectId, id, 0)).toMatchObject({
      agentIds: ['tester', 'a'],
      metadata: { topic: 'x', gone: true },
      status: 'pending',
      at: null,
    });
    expect(await states.at(f.projectId, id, 2)).toMatchObject({ agentIds: ['tester', 'b'] });
  });

  it('reads payloads that stand apart, and says of a call without a result that it is unknown once its run is over', async () => {
    const { id } = await f.make();
    const states = new SessionStates({ database: f.db.database });
    const large = 'x'.repeat(INLINE_PAYLOAD_BYTES);
    await journal.append(f.projectId, id, [
      { type: 'tool_call', actor: 'r', payload: { callId: 'c1', tool: 'write', arguments: { large } } },
      { type: 'tool_call', actor: 'r', payload: { callId: 'c2', tool: 'bash', arguments: {} } },
      { type: 'tool_result', actor: 'r', payload: { callId: 'c1', status: 'completed', output: large } },
      { type: 'status', actor: 'r', payload: { from: 'running', to: 'failed' } },
    ]);
    const call = { callId: 'c2', tool: 'bash', seq: 2, attempt: 1 };
    expect(await states.at(f.projectId, id, 1)).toMatchObject({ openCalls: [{ callId: 'c1', tool: 'write' }] });
    expect(await states.at(f.projectId, id, 3)).toMatchObject({ openCalls: [{ ...call, unknown: false }] });
    expect(await states.at(f.projectId, id, 4)).toMatchObject({
      openCalls: [{ ...call, unknown: true }],
      toolCalls: { made: 2, completed: 1 },
    });
    // That the run says so itself, as it ends, is no result either.
    await journal.append(f.projectId, id, [
      { type: 'tool_result', actor: 'r', payload: { callId: 'c2', tool: 'bash', status: 'unknown' } },
    ]);
    expect(await states.at(f.projectId, id, 5)).toMatchObject({
      openCalls: [{ ...call, unknown: true }],
      toolCalls: { made: 2, completed: 1, failed: 0 },
    });
  });

  it('is refused for events that are not there, for sessions of others, and for none', async () => {
    const { id } = await f.make();
    const states = new SessionStates({ database: f.db.database });
    expect(await codeOf(states.at(f.projectId, id, 1))).toBe('JOURNAL_SEQ_UNKNOWN');
    expect(await codeOf(states.at(f.otherProjectId, id, 0))).toBe('SESSION_NOT_FOUND');
  });

  it('upkeep keeps the states of journals that have grown, once, and a seek then folds no more than what is between', async () => {
    const { id } = await f.make();
    const events = Array.from({ length: 25 }, (_, n) => ({ type: 'output' as const, actor: 'a', payload: { n } }));
    await journal.append(f.projectId, id, events);
    const states = new SessionStates({ database: f.db.database, every: 10 });
    await states.keepUp();
    const kept = await f.sql('SELECT seq::int FROM journal_snapshots WHERE session_id = $1 ORDER BY seq', [id]);
    expect(kept).toEqual([{ seq: 10 }, { seq: 20 }]);
    expect(await states.keepUp()).toBe(0);
    // Only what lies behind the state at 20 is folded: without it the answer would be another.
    await f.sql(`UPDATE journal_snapshots SET state = jsonb_set(state, '{status}', '"seen"') WHERE session_id = $1`, [
      id,
    ]);
    expect(await states.at(f.projectId, id, 25)).toMatchObject({ status: 'seen', eventCount: 25 });
  });
});
