import { shownProblem } from '../api/problem.ts';

/** How many are asked for at the same time where the server takes them one by one. */
const AT_ONCE = 4;

/** What became of many. */
export interface BulkOutcome {
  changed: number;
  skipped: { id: string; reason: string }[];
}

/** Does it to each, a few at the same time; what is refused is kept with its reason and stops nothing. */
export async function oneByOne(ids: readonly string[], act: (id: string) => Promise<unknown>): Promise<BulkOutcome> {
  const outcome: BulkOutcome = { changed: 0, skipped: [] };
  const waiting = [...ids];
  const worker = async () => {
    for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
      try {
        await act(id);
        outcome.changed++;
      } catch (error) {
        outcome.skipped.push({ id, reason: shownProblem(error).detail });
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return outcome;
}

/** Each reason once, with how often it was given. */
export function reasons({ skipped }: BulkOutcome): string {
  const counts = new Map<string, number>();
  for (const { reason } of skipped) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].map(([reason, count]) => (count > 1 ? `${count} × ${reason}` : reason)).join(' ');
}
