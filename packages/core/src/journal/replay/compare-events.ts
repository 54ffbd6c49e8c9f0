import { isDeepStrictEqual } from 'node:util';
import type { JournalEvent } from '../journal-event.ts';

/** Where two sequences of events part (REPLAY-041). */
export interface Difference {
  /** Their events at that place; null where one has ended. */
  left: JournalEvent | null;
  right: JournalEvent | null;
  /** Fields that differ; empty where one has ended. */
  fields: string[];
}

/** What an event says. Ids, and when the database took note, are those of its own journal. */
const COMPARED = ['type', 'actor', 'changeInfo', 'stateTransition', 'impact', 'payload', 'occurredAt'] as const;

/** The first event in which two sequences differ, or null where they say the same (REPLAY-041). */
export async function firstDifference(
  left: AsyncIterable<JournalEvent>,
  right: AsyncIterable<JournalEvent>,
): Promise<Difference | null> {
  const [a, b] = [left[Symbol.asyncIterator](), right[Symbol.asyncIterator]()];
  for (;;) {
    const [x, y] = [await a.next(), await b.next()];
    if (x.done && y.done) return null;
    if (x.done || y.done) return { left: x.done ? null : x.value, right: y.done ? null : y.value, fields: [] };
    const fields = COMPARED.filter((field) => !isDeepStrictEqual(x.value[field], y.value[field]));
    if (fields.length > 0) return { left: x.value, right: y.value, fields };
  }
}
