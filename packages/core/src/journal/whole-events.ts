import type { Executor } from '../platform/database/index.ts';
import type { JournalEvent } from './journal-event.ts';
import { readEvents, readPayload } from './journal-read-store.ts';

/** Events that are read at once; each may hold some megabytes. */
const PAGE = 200;

/** Events in order, from behind `afterSeq` to `toSeq`, each with its payload even where that stands apart. */
export async function readWholeEvents(
  db: Executor,
  projectId: string,
  sessionId: string,
  range: { afterSeq: number; toSeq: number; limit: number },
): Promise<JournalEvent[]> {
  const { afterSeq, toSeq, limit } = range;
  const bounds = { afterSeq, beforeSeq: toSeq + 1, types: null, actor: null };
  const events = await readEvents(db, projectId, sessionId, bounds, 'asc', limit);
  for (const event of events) {
    if (event.payloadDigest === null) continue;
    const body = await readPayload(db, projectId, sessionId, event.payloadDigest);
    event.payload = body === null ? null : JSON.parse(body);
  }
  return events;
}

/** All events up to and including `toSeq`, one after the other, whole. */
export async function* eventsUpTo(
  db: Executor,
  projectId: string,
  sessionId: string,
  toSeq: number,
): AsyncGenerator<JournalEvent> {
  for (let afterSeq = 0; afterSeq < toSeq; ) {
    const events = await readWholeEvents(db, projectId, sessionId, { afterSeq, toSeq, limit: PAGE });
    yield* events;
    const last = events.at(-1);
    if (!last) return;
    afterSeq = last.seq;
  }
}

/** The last events up to and including `toSeq`, oldest first. Payloads that stand apart are left there. */
export async function latestEvents(
  db: Executor,
  projectId: string,
  sessionId: string,
  { toSeq, limit }: { toSeq: number; limit: number },
): Promise<JournalEvent[]> {
  const bounds = { afterSeq: 0, beforeSeq: toSeq + 1, types: null, actor: null };
  return (await readEvents(db, projectId, sessionId, bounds, 'desc', limit)).reverse();
}
