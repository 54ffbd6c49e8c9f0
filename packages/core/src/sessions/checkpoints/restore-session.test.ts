import { expect, it } from 'vitest';
import { Journal, Recordings, SessionStates } from '../../journal/index.ts';
import { describeOnBackends } from '../../testing/index.ts';
import { codeOf, openFixture } from '../testing/session-fixture.ts';

describeOnBackends('restoring sessions', (backend) => {
  it('REPLAY-042: under a new id a session says what the other one said, and where it comes from', async () => {
    const f = await openFixture(backend);
    const { projectId } = f;
    const journal = new Journal({ database: f.db.database });
    const states = new SessionStates({ database: f.db.database });
    const recordings = new Recordings({ ...f.parts, states, onError: (error) => expect.fail(String(error)) });
    const { id } = await f.make({ agentIds: ['a'], metadata: { goal: 'x' }, priority: 1 });
    const broken = { to: 'broken' as const, verifiedBy: 'test' as const, confidence: 1 };
    const large = 'x'.repeat(70_000);
    await journal.append(projectId, id, [
      { type: 'modified', actor: 'a', payload: { large } },
      { type: 'broke', actor: 'a', stateTransition: broken },
    ]);
    await f.sessions.join(projectId, id, { agent: 'b' });
    await f.sessions.update(projectId, id, { metadata: { goal: 'y' } }, 'x');
    await f.sessions.addCheckpoint(projectId, id, { data: {} });
    const then = await states.at(projectId, id, null);
    const { id: recordingId } = await recordings.make(projectId, id, {}, 'x');
    await f.sessions.leave(projectId, id, { agent: 'a' });

    const restored = await f.sessions.restoreCheckpoint(projectId, id, 1, {}, 'x');
    const restoredFrom = { sessionId: id, seq: 4, checkpoint: 1 };
    expect(restored).toMatchObject({ status: 'pending', codeState: 'broken', priority: 1, lastSeq: 5 });
    expect(restored.agentIds).toEqual(['tester', 'a', 'b']);
    expect(restored.metadata).toEqual({ goal: 'y', restoredFrom });
    const { sessionId: _one, ...at4 } = await states.at(projectId, restored.id, 4);
    const { sessionId: _other, ...before } = then;
    expect(at4).toEqual(before);
    expect(await states.at(projectId, restored.id, null)).toMatchObject({
      status: 'pending',
      metadata: restored.metadata,
      agentIds: restored.agentIds,
    });
    const difference = await recordings.compare(projectId, recordingId, { sessionId: restored.id });
    expect(difference).toMatchObject({ left: null, right: { seq: 5, payload: { phase: 'restored' } } });
    // What was due there is not due again here.
    await f.sessions.takeDueCheckpoints();
    expect(await f.sessions.listCheckpoints(projectId, restored.id)).toEqual([]);

    const contents = await recordings.contents(projectId, recordingId);
    const source = { ...contents, fields: { initialPrompt: 'go on' } };
    const again = await f.sessions.restoreRecording(projectId, source, { title: 'Again' }, 'x');
    expect(again).toMatchObject({ title: 'Again', codeState: 'broken', agentIds: restored.agentIds });
    expect(again.metadata).toMatchObject({ restoredFrom: { sessionId: id, seq: 4, recordingId } });
    await f.sql('DELETE FROM recording_frames WHERE recording_id = $1 AND seq = 2', [recordingId]);
    const damaged = await recordings.contents(projectId, recordingId);
    const call = f.sessions.restoreRecording(projectId, { ...damaged, fields: { initialPrompt: 'x' } }, {}, 'x');
    expect(await codeOf(call)).toBe('RECORDING_DAMAGED');
    await f.db.close();
  });
});
