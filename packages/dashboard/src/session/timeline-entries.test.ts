import type { JournalEvent } from '@signalbox/client';
import { describe, expect, it } from 'vitest';
import { timelineEntries } from './timeline-entries.ts';

function journalEvent(seq: number, type: JournalEvent['type'], payload: unknown): JournalEvent {
  const at = '2026-03-04T05:06:07.000Z';
  return { seq, type, payload, actor: 'agent', occurredAt: at, recordedAt: at } as unknown as JournalEvent;
}

describe('entries of the timeline', () => {
  it('puts the result of a tool with its call, also when others stand between them', () => {
    const entries = timelineEntries(
      [
        journalEvent(1, 'tool_call', { callId: 'a', tool: 'bash', arguments: { command: 'ls' } }),
        journalEvent(2, 'tool_call', { callId: 'b', tool: 'read', arguments: {} }),
        journalEvent(3, 'tool_result', { callId: 'b', tool: 'read', status: 'error', output: 'no' }),
        journalEvent(4, 'tool_result', { callId: 'a', tool: 'bash', status: 'completed', output: 'x' }),
      ],
      [],
    );
    expect(entries).toMatchObject([
      { kind: 'tool', key: 'ta', call: { tool: 'bash' }, result: { output: 'x' } },
      { kind: 'tool', key: 'tb', result: { status: 'error' } },
    ]);
  });

  it('joins the pieces of a message and lets the whole one replace them', () => {
    const pieces = [
      journalEvent(1, 'message', { role: 'assistant', messageId: 'm', text: 'Hel', final: false }),
      journalEvent(2, 'message', { role: 'assistant', messageId: 'm', text: 'lo', final: false }),
    ];
    expect(timelineEntries(pieces, [])).toMatchObject([{ text: 'Hello', writing: true }]);
    expect(timelineEntries(pieces, [{ messageId: 'm', role: 'assistant', text: ' wor' }])).toMatchObject([
      { text: 'Hello wor', writing: true },
    ]);
    const whole = journalEvent(3, 'message', { role: 'assistant', messageId: 'm', text: 'Hello world', final: true });
    expect(timelineEntries([...pieces, whole], [])).toMatchObject([{ text: 'Hello world', writing: false }]);
  });

  it('keeps stdout and stderr apart and joins what follows each other', () => {
    const entries = timelineEntries(
      [
        journalEvent(1, 'output', { stream: 'stdout', text: 'a\n' }),
        journalEvent(2, 'output', { stream: 'stdout', text: 'b\n' }),
        journalEvent(3, 'output', { stream: 'stderr', text: 'c\n' }),
      ],
      [],
    );
    expect(entries).toMatchObject([
      { key: 'o1', text: 'a\nb\n' },
      { key: 'o3', stream: 'stderr' },
    ]);
  });

  it('shows a payload of another shape as the event it is, and loses none', () => {
    const odd = [
      journalEvent(1, 'message', { greeting: 'hello' }),
      journalEvent(2, 'tool_call', null),
      journalEvent(3, 'output', 'text'),
    ];
    expect(timelineEntries(odd, []).map(({ kind }) => kind)).toEqual(['event', 'event', 'event']);
  });

  it('keeps the keys of what is shown when older events come in front', () => {
    const later = [70, 71, 72].map((seq) => journalEvent(seq, 'output', { stream: 'stdout', text: `${seq}\n` }));
    const older = [60, 61, 62, 63].map((seq) => journalEvent(seq, 'output', { stream: 'stdout', text: `${seq}\n` }));
    const before = timelineEntries(later, []).map(({ key }) => key);
    const after = timelineEntries([...older, ...later], []).map(({ key }) => key);
    expect(after.slice(-before.length)).toEqual(before);
  });
});
