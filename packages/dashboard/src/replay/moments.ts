import type { JournalEvent } from '@signalbox/client';

/** Events are read in blocks of this many, which stay as they are: a journal only grows. */
export const BLOCK = 200;
const BEFORE = 7;
const AFTER = 5;
/** Nobody wants to look at a still picture for longer, however long nothing happened. */
const LONGEST_WAIT_MS = 2_000;
const SHORTEST_WAIT_MS = 40;

/** Numbers of the blocks, from 0, that hold what is shown around an event. */
export function blocksAround(seq: number, last: number): number[] {
  const first = Math.floor((Math.max(1, seq - BEFORE) - 1) / BLOCK);
  const end = Math.floor((Math.min(Math.max(last, 1), seq + AFTER) - 1) / BLOCK);
  return Array.from({ length: end - first + 1 }, (_, index) => first + index);
}

/** Whether what is read around one event suffices for another. */
export function isAround(seq: number, read: number, last: number): boolean {
  const blocks = blocksAround(read, last);
  return blocksAround(seq, last).every((block) => blocks.includes(block));
}

/** The events around one, in order. */
export function eventsAround(events: readonly JournalEvent[], seq: number): JournalEvent[] {
  return events.filter((event) => event.seq >= seq - BEFORE && event.seq <= seq + AFTER);
}

/** How long to show an event before the next one, in milliseconds: as it was, `speed` times as fast. */
export function waitAfter(events: readonly JournalEvent[], seq: number, speed: number): number {
  const now = events.find((event) => event.seq === seq);
  const next = events.find((event) => event.seq === seq + 1);
  if (now === undefined || next === undefined) return SHORTEST_WAIT_MS;
  const lasted = (Date.parse(next.occurredAt) - Date.parse(now.occurredAt)) / speed;
  return Math.min(LONGEST_WAIT_MS, Math.max(SHORTEST_WAIT_MS, lasted));
}

/** The event that an address names, or the last one; always one that there is. */
export function momentOf(text: string | undefined, last: number): number {
  const seq = text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : last;
  return Math.min(Math.max(seq, 1), Math.max(last, 1));
}
