import type { PermissionRequest, RuntimeEvent } from '@signalbox/core';
import { describe, expect, test } from 'vitest';
import type { OpencodePermissionRequest } from './opencode-event.ts';
import { PermissionDesk } from './permission-desk.ts';

/** A desk whose host decides when told to, and whose OpenCode keeps a list of what it was answered. */
function newDesk() {
  const decisions = new Map<string, PromiseWithResolvers<'allow' | 'deny' | null>>();
  const requests: PermissionRequest[] = [];
  const replies: string[] = [];
  const records: RuntimeEvent[] = [];
  const running = new Set<string>();
  const gone = new Set<string>();
  const desk = new PermissionDesk({
    decide: (request) => {
      requests.push(request);
      const decision = Promise.withResolvers<'allow' | 'deny' | null>();
      decisions.set(request.permissionId, decision);
      return decision.promise;
    },
    reply: async (id, { reply }) => {
      replies.push(`${id} ${reply}`);
      return !gone.has(id);
    },
    runningCalls: () => [...running],
    record: async (event) => {
      records.push(event);
    },
  });
  const ask = (id: string, callId: string | null = null) => {
    const question: OpencodePermissionRequest = {
      id,
      sessionID: 's',
      permission: 'edit',
      patterns: ['a.txt'],
      metadata: { filepath: '/w/a.txt' },
    };
    return desk.ask(question, callId);
  };
  const decide = (id: string, decision: 'allow' | 'deny' | null) => decisions.get(id)?.resolve(decision);
  const decided = () =>
    records.map((event) => (event.type === 'permission' ? `${event.permissionId} ${event.decision}` : event.type));
  return { desk, ask, decide, decided, requests, replies, running, gone };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('the permission desk', () => {
  test('takes a question to the host with what it is about, and the answer back', async () => {
    const { ask, decide, decided, requests, replies } = newDesk();
    const asked = ask('p1', 'call_1');
    decide('p1', 'allow');
    await asked;
    expect(requests).toMatchObject([
      { permissionId: 'p1', kind: 'edit', title: 'edit: /w/a.txt', patterns: ['a.txt'], callId: 'call_1' },
    ]);
    expect(replies).toEqual(['p1 once']);
    expect(decided()).toEqual(['p1 allow']);
  });

  test('keeps a refusal back until the other question of the session is answered', async () => {
    const { ask, decide, decided, replies } = newDesk();
    const both = [ask('p1'), ask('p2')];
    decide('p1', 'deny');
    await turn();
    expect(replies).toEqual([]);
    decide('p2', 'allow');
    await Promise.all(both);
    expect(replies).toEqual(['p2 once', 'p1 reject']);
    expect(decided().sort()).toEqual(['p1 deny', 'p2 allow']);
  });

  test('keeps a refusal back while another call runs, but not for its own', async () => {
    const { desk, ask, decide, replies, running } = newDesk();
    running.add('call_1').add('call_2');
    const asked = ask('p1', 'call_1');
    decide('p1', 'deny');
    await turn();
    expect(replies).toEqual([]);
    running.delete('call_2');
    desk.callsChanged();
    await asked;
    expect(replies).toEqual(['p1 reject']);
  });

  test('two refusals do not wait for each other', async () => {
    const { ask, decide, decided, running } = newDesk();
    running.add('call_1').add('call_2');
    const both = [ask('p1', 'call_1'), ask('p2', 'call_2')];
    decide('p1', 'deny');
    decide('p2', 'deny');
    await Promise.all(both);
    expect(decided().sort()).toEqual(['p1 deny', 'p2 deny']);
  });

  test('records as denied what OpenCode dropped before the host allowed it', async () => {
    const { desk, ask, decide, decided, replies } = newDesk();
    const asked = ask('p1');
    desk.replied('p1', 'reject');
    decide('p1', 'allow');
    await asked;
    expect(replies).toEqual([]);
    expect(decided()).toEqual(['p1 deny']);
  });

  test('records as denied what OpenCode does not wait for any more', async () => {
    const { ask, decide, decided, gone } = newDesk();
    gone.add('p1');
    const asked = ask('p1');
    decide('p1', 'allow');
    await asked;
    expect(decided()).toEqual(['p1 deny']);
  });

  test('refuses without a record when nobody decides any more', async () => {
    const { ask, decide, decided, replies } = newDesk();
    const asked = ask('p1');
    decide('p1', null);
    await asked;
    expect(replies).toEqual(['p1 reject']);
    expect(decided()).toEqual([]);
  });
});
