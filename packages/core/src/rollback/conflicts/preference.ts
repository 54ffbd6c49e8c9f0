import { lengthAsText } from './merge-complexity.ts';
import type { MergeSettings } from './merge-settings.ts';

export type Side = 'current' | 'rollback';

/** Which side gets what nothing but preference can settle (RB-129). */
export function preferredSide(
  { preferNewer, preferLarger }: Pick<MergeSettings, 'preferNewer' | 'preferLarger'>,
  current: unknown,
  rollback: unknown,
): Side {
  if (preferNewer) return 'current';
  return preferLarger && lengthAsText(current) > lengthAsText(rollback) ? 'current' : 'rollback';
}

export function otherSide(side: Side): Side {
  return side === 'current' ? 'rollback' : 'current';
}
