import type { Executor } from '../platform/database/index.ts';
import { writeOutClaims } from './claim-store.ts';

/**
 * Does something that needs claims to be written in their tasks; tries again for those that were not found, once those
 * among them that are only prefetched are written. Answers the places of the claims that are held.
 */
export async function onWrittenClaims<C>(
  executor: Executor,
  calls: readonly C[],
  tokenOf: (call: C) => number,
  run: (calls: readonly C[]) => Promise<Set<number>>,
): Promise<Set<number>> {
  const held = await run(calls);
  if (held.size === calls.length) return held;
  const missed = [...calls.keys()].filter((place) => !held.has(place));
  const again = missed.map((place) => calls[place] as C);
  await writeOutClaims(executor, again.map(tokenOf));
  for (const place of await run(again)) held.add(missed[place] as number);
  return held;
}
