import type { Client, Session } from '@signalbox/client';
import { TROUBLED_STATUSES } from '../ui/status.ts';

export const HOURS = 24;
const HOUR_MS = 3_600_000;
/** Pages of a hundred read at most; beyond it the chart says from when on it is complete. */
const MOST_PAGES = 10;

/** Sessions that ended in each of the last hours, oldest first. */
export interface FinishedPerHour {
  /** Start of each hour, seconds since 1970. */
  starts: number[];
  completed: number[];
  troubled: number[];
  other: number[];
  /** False where more ended than were read. */
  complete: boolean;
}

/** Reads the sessions that ended within the last {@link HOURS} hours and counts them by hour and outcome. */
export async function readFinishedPerHour(client: Client, now: Date, signal: AbortSignal): Promise<FinishedPerHour> {
  const from = Math.floor(now.getTime() / HOUR_MS) * HOUR_MS - (HOURS - 1) * HOUR_MS;
  const ended: Session[] = [];
  let complete = false;
  for (let page = 1; page <= MOST_PAGES && !complete; page++) {
    const answer = await client.sessions.list(
      {
        'status.in': 'completed,partially_completed,failed,timeout,stopped,cancelled,orphaned,expired',
        'statusUpdatedAt.gte': new Date(from).toISOString(),
        sortBy: 'statusUpdatedAt',
        sortOrder: 'desc',
        page,
        pageSize: 100,
      },
      { signal },
    );
    ended.push(...answer.items);
    complete = ended.length >= answer.total || answer.items.length === 0;
  }
  return { ...countByHour(ended, from), complete };
}

/** Counts sessions into hours from `from` (milliseconds since 1970, the start of an hour) on. */
export function countByHour(
  ended: readonly Pick<Session, 'status' | 'statusUpdatedAt'>[],
  from: number,
): Omit<FinishedPerHour, 'complete'> {
  const starts = Array.from({ length: HOURS }, (_, hour) => (from + hour * HOUR_MS) / 1000);
  const empty = () => new Array<number>(HOURS).fill(0);
  const counts = { completed: empty(), troubled: empty(), other: empty() };
  for (const { status, statusUpdatedAt } of ended) {
    const hour = Math.floor((Date.parse(statusUpdatedAt) - from) / HOUR_MS);
    const row =
      status === 'completed' ? counts.completed : TROUBLED_STATUSES.includes(status) ? counts.troubled : counts.other;
    const before = row[hour];
    if (before !== undefined) row[hour] = before + 1;
  }
  return { starts, ...counts };
}
