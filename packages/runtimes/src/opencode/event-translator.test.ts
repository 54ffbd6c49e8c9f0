import type { RuntimeEvent } from '@signalbox/core';
import { describe, expect, test } from 'vitest';
import { EventTranslator } from './event-translator.ts';
import { readOpencodeEvent } from './opencode-event.ts';
import { ToolCalls } from './tool-calls.ts';

const TOKENS = { input: 5, output: 2, reasoning: 0, cache: { read: 0, write: 0 } };

function newTranslation(earlier: string[] = []) {
  const calls = new ToolCalls();
  const translator = new EventTranslator('ses', earlier, calls);
  const feed = (type: string, properties: unknown): RuntimeEvent[] => {
    const event = readOpencodeEvent({ id: 'evt', type, properties });
    return event ? translator.translate(event) : [];
  };
  return {
    calls,
    translator,
    feed,
    assistant: (id: string, more: object = {}, sessionID = 'ses') =>
      feed('message.updated', {
        sessionID,
        info: {
          id,
          sessionID,
          role: 'assistant',
          time: { created: 1 },
          providerID: 'p',
          modelID: 'm',
          cost: 0,
          tokens: TOKENS,
          ...more,
        },
      }),
    part: (messageID: string, id: string, more: object, sessionID = 'ses') =>
      feed('message.part.updated', { sessionID, part: { id, messageID, sessionID, ...more } }),
    delta: (messageID: string, partID: string, delta: string) =>
      feed('message.part.delta', { sessionID: 'ses', messageID, partID, field: 'text', delta }),
  };
}

const tool = (callID: string, state: object) => ({ type: 'tool', callID, tool: 'bash', state });
const running = { status: 'running', input: { command: 'ls' }, time: { start: 1 } };
const completed = {
  status: 'completed',
  input: { command: 'ls' },
  output: 'a',
  title: 'ls',
  metadata: {},
  time: { start: 1, end: 8 },
};

describe('the translation of the event stream', () => {
  test('tells a streamed text piece by piece and once as a whole, however often it is repeated', () => {
    const { assistant, part, delta } = newTranslation();
    assistant('m1');
    const open = { type: 'text', text: '', time: { start: 1 } };
    const closed = { type: 'text', text: 'Hello', time: { start: 1, end: 2 } };
    const told = [
      ...part('m1', 't1', open),
      ...delta('m1', 't1', 'Hel'),
      ...delta('m1', 't1', 'lo'),
      ...part('m1', 't1', closed),
      ...part('m1', 't1', closed),
      ...delta('m1', 't1', 'late'),
    ];
    expect(told).toEqual([
      { type: 'message', role: 'assistant', messageId: 'm1', text: 'Hel', final: false },
      { type: 'message', role: 'assistant', messageId: 'm1', text: 'lo', final: false },
      { type: 'message', role: 'assistant', messageId: 'm1', text: 'Hello', final: true },
    ]);
  });

  test('tells what was said before what was done, and the rest of the text behind it', () => {
    const { assistant, part, delta } = newTranslation();
    assistant('m1');
    part('m1', 't1', { type: 'text', text: '', time: { start: 1 } });
    delta('m1', 't1', 'I look.');
    const called = part('m1', 'c1', tool('call', running));
    expect(called).toMatchObject([{ type: 'message', text: 'I look.', final: true }, { type: 'tool_call' }]);
    delta('m1', 't1', ' And wait.');
    const ended = part('m1', 't1', { type: 'text', text: 'I look. And wait.', time: { start: 1, end: 2 } });
    expect(ended).toMatchObject([{ type: 'message', text: ' And wait.', final: true }]);
    expect(new Set([...called, ...ended].map((event) => event.type === 'message' && event.messageId)).size).toBe(3);
  });

  test('tells each call and each result once', () => {
    const { assistant, part } = newTranslation();
    assistant('m1');
    const told = [
      ...part('m1', 'c1', tool('call', { status: 'pending', input: {}, raw: '' })),
      ...part('m1', 'c1', tool('call', running)),
      ...part('m1', 'c1', tool('call', { ...running, metadata: { output: 'partial' } })),
      ...part('m1', 'c1', tool('call', completed)),
      ...part('m1', 'c1', tool('call', { ...completed, time: { ...completed.time, compacted: 9 } })),
    ];
    expect(told).toEqual([
      { type: 'tool_call', callId: 'call', tool: 'bash', arguments: { command: 'ls' }, messageId: 'm1' },
      {
        type: 'tool_result',
        callId: 'call',
        tool: 'bash',
        status: 'completed',
        output: 'a',
        title: 'ls',
        durationMs: 7,
        metadata: {},
      },
    ]);
  });

  test('does not count into the duration of a call how long it was held', () => {
    const { assistant, part, calls } = newTranslation();
    assistant('m1');
    part('m1', 'c1', tool('call', running));
    const call = calls.ofPart('c1');
    if (call) call.heldMs = 5;
    expect(part('m1', 'c1', tool('call', completed))).toMatchObject([{ type: 'tool_result', durationMs: 2 }]);
  });

  test('tells a call whose first sign is its result', () => {
    const { assistant, part } = newTranslation();
    assistant('m1');
    expect(part('m1', 'c1', tool('call', completed)).map(({ type }) => type)).toEqual(['tool_call', 'tool_result']);
  });

  test('keeps two calls apart to which a model gave the same id', () => {
    const { assistant, part, calls } = newTranslation();
    assistant('m1');
    part('m1', 'c1', tool('call_0', running));
    part('m1', 'c1', tool('call_0', completed));
    assistant('m2');
    const [second] = part('m2', 'c2', tool('call_0', running));
    expect(second).toMatchObject({ type: 'tool_call', callId: 'call_0#2' });
    expect(calls.ofHook('ses', 'call_0', 'none')?.callId).toBe('call_0#2');
  });

  test('does not tell a call again that a hook has told of', () => {
    const { assistant, part, calls } = newTranslation();
    assistant('m1');
    calls.fromHook('ses', 'call', 'bash', { command: 'ls' });
    expect(part('m1', 'c1', tool('call', running))).toEqual([]);
    expect(part('m1', 'c1', tool('call', completed))).toMatchObject([{ type: 'tool_result', callId: 'call' }]);
  });

  test('lets the messages of earlier runs pass', () => {
    const { assistant, part, translator } = newTranslation(['m0']);
    expect(assistant('m0', { time: { created: 1, completed: 2 } })).toEqual([]);
    expect(part('m0', 'c0', tool('call', completed))).toEqual([]);
    expect(translator.lastMessageId).toBeNull();
  });

  test('tells usage once per message, when it is complete, and sums it up with that of subagents', () => {
    const { assistant, feed, translator } = newTranslation();
    feed('session.created', { sessionID: 'child', info: { id: 'child', parentID: 'ses' } });
    const done = { time: { created: 1, completed: 2 }, cost: 0.5 };
    expect(assistant('m1', { cost: 0.5 })).toEqual([]);
    expect(assistant('m1', done)).toMatchObject([{ type: 'usage', model: 'p/m', inputTokens: 5, costUsd: 0.5 }]);
    expect(assistant('m1', done)).toEqual([]);
    expect(assistant('m2', { ...done, cost: 0 }, 'child')).toMatchObject([{ type: 'usage', costUsd: null }]);
    expect(assistant('m3', done, 'stranger')).toEqual([]);
    expect(translator.totals).toMatchObject({ inputTokens: 10, outputTokens: 4, costUsd: 0.5 });
  });

  test("tells a subagent's calls as such and keeps its talk to itself", () => {
    const { assistant, feed, part } = newTranslation();
    feed('session.created', { sessionID: 'child', info: { id: 'child', parentID: 'ses' } });
    assistant('m1', {}, 'child');
    expect(part('m1', 't1', { type: 'text', text: 'Hi', time: { start: 1, end: 2 } }, 'child')).toEqual([]);
    const told = part('m1', 'c1', tool('call', completed), 'child');
    expect(told).toMatchObject([
      { type: 'tool_call' },
      { type: 'tool_result', metadata: { subagentSessionId: 'child' } },
    ]);
    // A fork of the run's own session has no such message.
    expect(told[0]).not.toHaveProperty('messageId');
  });

  test('tells an error once, and forgets it for the outcome when a later message ends well', () => {
    const { assistant, feed, translator } = newTranslation();
    const error = { name: 'APIError', data: { message: 'Too much', isRetryable: true } };
    const told = { type: 'error', name: 'APIError', message: 'Too much', retryable: true };
    expect(feed('session.error', { sessionID: 'ses', error })).toEqual([told]);
    expect(
      assistant('m1', { error, time: { created: 1, completed: 2 }, tokens: { ...TOKENS, input: 0, output: 0 } }),
    ).toEqual([]);
    expect(translator.failure).toEqual({ name: 'APIError', message: 'Too much', retryable: true });
    assistant('m2', { time: { created: 3, completed: 4 } });
    expect(translator.failure).toBeNull();
  });

  test('refuses an event of a kind it reads in a shape it does not know', () => {
    const { feed } = newTranslation();
    expect(() =>
      feed('message.part.updated', { part: { id: 'c1', messageID: 'm1', sessionID: 'ses', type: 'tool' } }),
    ).toThrow();
    expect(feed('some.future.event', 42)).toEqual([]);
  });
});
