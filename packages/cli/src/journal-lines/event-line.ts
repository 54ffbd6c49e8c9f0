import type { JournalEvent } from '@signalbox/client';
import { oneLine, truncate } from '../output/display-width.ts';
import type { Colour } from '../output/style.ts';

/** One journal event as a line for people: a mark, what happened, and how it is coloured. */
export interface EventLine {
  mark: string;
  text: string;
  colour: Colour;
}

const LONGEST = 200;

/**
 * How an event reads as a line; null for those whose text is printed as it is (`output`, `message`). Payloads are read
 * with care: any writer may append events of any type.
 */
export function eventLine(event: JournalEvent): EventLine {
  const payload = fieldsOf(event.payload);
  switch (event.type) {
    case 'tool_call':
      return line('→', 'blue', `${text(payload.tool) || 'tool'} ${brief(payload.arguments)}`);
    case 'tool_result': {
      const good = payload.status === 'completed';
      const head = text(payload.title) || text(payload.output).split('\n', 1)[0] || '';
      return line(
        good ? '←' : '✗',
        good ? 'dim' : 'red',
        `${text(payload.tool) || 'tool'} ${text(payload.status)} ${head}`,
      );
    }
    case 'file_change':
      return line('±', 'yellow', fileChange(payload));
    case 'permission':
      return line('?', 'magenta', `${text(payload.decision)} ${text(payload.kind)} ${text(payload.title)}`);
    case 'usage':
      return line('·', 'dim', usage(payload));
    case 'status':
      return line('·', 'dim', statusText(payload));
    case 'error':
      return line('✗', 'red', text(payload.message) || brief(event.payload));
    case 'test_pass':
      return line('✓', 'green', `tests pass ${brief(event.payload)}`);
    case 'broke':
      return line('✗', 'red', `broke ${changed(event)}`);
    case 'start':
    case 'modified':
    case 'checkpoint':
    case 'handoff':
      return line(
        '·',
        'cyan',
        `${event.type} ${changed(event) || (payload.to ? statusText(payload) : brief(event.payload))}`,
      );
    case 'output':
    case 'message':
      return line(' ', 'dim', text(payload.text));
  }
}

function line(mark: string, colour: Colour, words: string): EventLine {
  return { mark, colour, text: truncate(oneLine(words).trim(), LONGEST) };
}

function fileChange(payload: Record<string, unknown>): string {
  const kind = text(payload.change) || text(payload.kind) || text(payload.operation) || 'changed';
  const counts =
    typeof payload.additions === 'number' && typeof payload.deletions === 'number'
      ? ` (+${payload.additions} -${payload.deletions})`
      : '';
  return `${kind} ${text(payload.path)}${counts}`;
}

function usage(payload: Record<string, unknown>): string {
  const count = (value: unknown) => (typeof value === 'number' ? value : 0);
  const tokens = count(payload.inputTokens) + count(payload.outputTokens) + count(payload.reasoningTokens);
  const cost = typeof payload.costUsd === 'number' ? `, $${payload.costUsd.toFixed(4)}` : '';
  return `${tokens} tokens${cost}${payload.model ? ` (${text(payload.model)})` : ''}`;
}

function statusText(payload: Record<string, unknown>): string {
  if (typeof payload.to === 'string') return `${payload.from ? `${text(payload.from)} → ` : ''}${payload.to}`;
  const detail = brief(payload.detail);
  return `${text(payload.phase) || text(payload.status)} ${detail === '{}' ? '' : detail}`;
}

function changed(event: JournalEvent): string {
  return event.changeInfo === null ? '' : `${event.changeInfo.operation} ${event.changeInfo.entityIds.join(', ')}`;
}

function fieldsOf(payload: unknown): Record<string, unknown> {
  return typeof payload === 'object' && payload !== null && !Array.isArray(payload)
    ? (payload as Record<string, unknown>)
    : {};
}

function text(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

function brief(value: unknown): string {
  return value === null || value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);
}
