import type { JournalEvent } from '@signalbox/client';
import { describe, expect, it } from 'vitest';
import { eventLine } from './event-line.ts';

const event = (type: JournalEvent['type'], payload: unknown, more: Partial<JournalEvent> = {}) =>
  ({ type, payload, changeInfo: null, ...more }) as JournalEvent;

describe('lines of journal events', () => {
  it.each([
    ['tool_call', { tool: 'write', arguments: { path: 'a.ts' } }, 'write {"path":"a.ts"}'],
    ['tool_result', { tool: 'write', status: 'completed', title: 'a.ts', output: 'x\ny' }, 'write completed a.ts'],
    [
      'tool_result',
      { tool: 'bash', status: 'error', title: null, output: 'no such file\nat 1' },
      'bash error no such file',
    ],
    ['permission', { decision: 'deny', kind: 'edit', title: '/etc/passwd' }, 'deny edit /etc/passwd'],
    [
      'usage',
      { model: 'a/b', inputTokens: 10, outputTokens: 5, reasoningTokens: 1, costUsd: 0.5 },
      '16 tokens, $0.5000 (a/b)',
    ],
    ['status', { from: 'queued', to: 'running' }, 'queued → running'],
    ['error', { name: 'Oops', message: 'it broke' }, 'it broke'],
  ] as const)('%s %j reads %j', (type, payload, text) => expect(eventLine(event(type, payload)).text).toBe(text));

  it('name what was changed', () => {
    const changeInfo: JournalEvent['changeInfo'] = {
      elementType: 'function',
      entityIds: ['f', 'g'],
      operation: 'modified',
    };
    expect(eventLine(event('modified', null, { changeInfo })).text).toBe('modified modified f, g');
  });

  it('bear any payload: every writer may append events of any type', () => {
    const types: JournalEvent['type'][] = [
      'tool_call',
      'tool_result',
      'file_change',
      'usage',
      'status',
      'error',
      'output',
    ];
    for (const type of types) {
      for (const payload of [null, 1, 'text', [1], {}, { tool: { deep: 1 }, path: 7, text: null }]) {
        expect(typeof eventLine(event(type, payload)).text).toBe('string');
      }
    }
  });

  it('are single lines of bounded length without control characters', () => {
    const { text } = eventLine(event('error', { message: `a\nb\u001b[31m${'x'.repeat(1000)}` }));
    expect(text).toMatch(/^a b\[31mx+…$/);
    expect(text.length).toBeLessThanOrEqual(200);
  });
});
