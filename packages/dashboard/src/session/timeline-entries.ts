import type { JournalEvent } from '@signalbox/client';
import { type Payload, payloadOf } from './payloads.ts';
import type { StreamedMessage } from './streamed-text.ts';

/** What the timeline shows as one thing. `key` stays the same while the thing grows. */
export type TimelineEntry =
  | {
      kind: 'message';
      key: string;
      at: string | null;
      seq: number | null;
      role: string;
      text: string;
      writing: boolean;
    }
  | {
      kind: 'tool';
      key: string;
      at: string;
      seq: number;
      call: Payload<'tool_call'> | null;
      result: Payload<'tool_result'> | null;
      actor: string;
    }
  | { kind: 'output'; key: string; at: string; seq: number; stream: 'stdout' | 'stderr'; text: string }
  | { kind: 'event'; key: string; at: string; seq: number; event: JournalEvent };

/** Output is joined within runs of this many sequence numbers, so that older pages do not rename what is shown. */
const JOIN_WITHIN = 64;

/**
 * Makes the timeline of a journal: pieces of a message become the message, a tool's result stands with its call, lines of
 * output that follow each other stand together. `streamed` is what is not journaled yet.
 */
export function timelineEntries(
  events: readonly JournalEvent[],
  streamed: readonly StreamedMessage[],
): TimelineEntry[] {
  const entries: TimelineEntry[] = [];
  const messages = new Map<string, Extract<TimelineEntry, { kind: 'message' }>>();
  const tools = new Map<string, Extract<TimelineEntry, { kind: 'tool' }>>();

  for (const event of events) {
    const { seq, occurredAt: at, actor } = event;
    const message = payloadOf(event, 'message');
    if (message !== null) {
      const known = messages.get(message.messageId);
      if (known !== undefined) {
        known.text = message.final ? message.text : known.text + message.text;
        known.writing = !message.final;
        continue;
      }
      const { role, text, final } = message;
      const entry = { kind: 'message' as const, key: `m${message.messageId}`, at, seq, role, text, writing: !final };
      messages.set(message.messageId, entry);
      entries.push(entry);
      continue;
    }
    const call = payloadOf(event, 'tool_call');
    const result = payloadOf(event, 'tool_result');
    const callId = call?.callId ?? result?.callId;
    if (callId !== undefined) {
      const known = tools.get(callId);
      if (known !== undefined) {
        known.call ??= call;
        known.result ??= result;
        continue;
      }
      const entry = { kind: 'tool' as const, key: `t${callId}`, at, seq, call, result, actor };
      tools.set(callId, entry);
      entries.push(entry);
      continue;
    }
    const output = payloadOf(event, 'output');
    if (output !== null) {
      const last = entries.at(-1);
      if (last?.kind === 'output' && last.stream === output.stream && together(last.seq, seq)) {
        last.text += output.text;
        continue;
      }
      entries.push({ kind: 'output', key: `o${seq}`, at, seq, stream: output.stream, text: output.text });
      continue;
    }
    entries.push({ kind: 'event', key: `e${seq}`, at, seq, event });
  }

  for (const { messageId, role, text } of streamed) {
    const known = messages.get(messageId);
    if (known !== undefined) {
      known.text += text;
      known.writing = true;
    } else {
      entries.push({ kind: 'message', key: `m${messageId}`, at: null, seq: null, role, text, writing: true });
    }
  }
  return entries;
}

function together(first: number, next: number): boolean {
  return Math.floor(first / JOIN_WITHIN) === Math.floor(next / JOIN_WITHIN);
}
