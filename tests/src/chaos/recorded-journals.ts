import type { Client } from '@signalbox/client';
import { expect } from 'vitest';
import { ACTOR, type Acknowledged } from './journal-writers.ts';

type JournalEvent = Awaited<ReturnType<Client['journal']['read']>>['items'][number];

/**
 * Reads the journals whole and holds them against what the writers were told: numbered without gaps, every acknowledged
 * event at its number, none twice, and each writer's events in its order.
 */
export async function expectRecorded(
  client: Client,
  sessions: readonly string[],
  acknowledged: readonly Acknowledged[],
): Promise<void> {
  for (const sessionId of sessions) {
    const events = await readWhole(client, sessionId);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    const places = new Map(events.map(({ eventId, seq }) => [eventId, seq]));
    expect(places.size).toBe(events.length);
    const told = acknowledged.filter((event) => event.sessionId === sessionId);
    expect(told.filter(({ eventId, seq }) => places.get(eventId) !== seq)).toEqual([]);
    expectOrder(events);
  }
}

/** By what the events say of themselves, so that one recorded under another id shows as well. */
function expectOrder(events: readonly JournalEvent[]): void {
  const last = new Map<number, number>();
  for (const { actor, payload } of events) {
    if (actor !== ACTOR) continue;
    const { writer, turn } = payload as { writer: number; turn: number };
    expect(turn).toBeGreaterThan(last.get(writer) ?? -1);
    last.set(writer, turn);
  }
}

async function readWhole(client: Client, sessionId: string): Promise<JournalEvent[]> {
  const events: JournalEvent[] = [];
  for (let afterSeq: number | null = 0; afterSeq !== null; ) {
    const page = await client.journal.read(sessionId, { afterSeq, pageSize: 1000 });
    events.push(...page.items);
    afterSeq = page.nextAfterSeq;
  }
  return events;
}
