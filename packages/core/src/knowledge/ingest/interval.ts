/** Since when and until when something holds; `to` is null while it does. A moment belongs to it from `from` on, and before `to` (KG-204). */
export interface Interval {
  from: Date;
  to: Date | null;
}

export interface NextInterval {
  last: Interval;
  /** The one before, where the last one is another: segments do not overlap, and follow each other (KG-208). */
  closed: Interval | null;
}

/**
 * The last segment of something that is stated now.
 *
 * @param stored its last segment so far; null where it is new
 * @param stated what is said of the time in which it holds; what is left out is since `at`, and until further notice
 */
export function restated(
  stored: Interval | null,
  stated: { from?: Date | undefined; to?: Date | null | undefined },
  at: Date,
): NextInterval {
  const from = stated.from ?? at;
  const to = stated.to ?? null;
  if (stored === null) return { last: { from, to: notBefore(to, from) }, closed: null };
  if (stored.to === null) return { last: { from: stored.from, to: notBefore(to, stored.from) }, closed: null };
  if (from > stored.to) return { last: { from, to: notBefore(to, from) }, closed: stored };
  return { last: { from: stored.from, to: to && notBefore(to, stored.to) }, closed: null };
}

/**
 * The last segment of something that is put back as it was: it goes on where it still holds, else it begins anew.
 * @param stored its last segment so far; null where there is none @param to until when it is to hold
 */
export function putBack(stored: Interval | null, to: Date | null, at: Date): NextInterval {
  if (stored === null) return { last: { from: at, to }, closed: null };
  if (stored.to !== null && stored.to < at) return { last: { from: at, to }, closed: stored };
  return { last: { from: stored.from, to: notBefore(to, stored.from) }, closed: null };
}

/** The last segment of something that nobody states any more. One that is over already stays as it is. */
export function ended(stored: Interval, at: Date): Interval {
  return stored.to === null ? { from: stored.from, to: notBefore(at, stored.from) } : stored;
}

function notBefore<Moment extends Date | null>(moment: Moment, least: Date): Moment {
  return moment !== null && moment < least ? (least as Moment) : moment;
}
