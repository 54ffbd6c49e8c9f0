import type { LockStats } from '@signalbox/client';

/** The server names this many resources, those with most waiters first. */
const RESOURCES_NAMED = 100;

/** How many wait for a resource itself; null where the server has named others only and this one may have some too. */
export function waitingFor(stats: LockStats | undefined, resource: string): number | null {
  if (stats === undefined) return null;
  const found = stats.resources.find((each) => each.resource === resource);
  if (found !== undefined) return found.waiting;
  const last = stats.resources.at(-1);
  const allNamed = stats.resources.length < RESOURCES_NAMED || last?.waiting === 0;
  return allNamed ? 0 : null;
}

/** The longest wait of all that are named, in seconds; null where nobody waits. */
export function longestWait(stats: LockStats): number | null {
  const waits = stats.resources.flatMap(({ longestWaitSeconds }) => longestWaitSeconds ?? []);
  return waits.length === 0 ? null : Math.max(...waits);
}

/** Resources that nobody holds and somebody waits for: in the delay after a loss, or behind what stands above or below. */
export function awaited(stats: LockStats): LockStats['resources'] {
  return stats.resources.filter(({ held, waiting }) => held === 0 && waiting > 0);
}
