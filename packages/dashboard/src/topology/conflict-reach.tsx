import type { ConflictReach as Reach } from '@signalbox/client';
import { LookBadge } from '../ui/look-badge.tsx';
import { CRITICALITY_LOOKS } from './criticality-looks.ts';

/** How far that reaches which two sessions work on. Nothing where it could not be asked: the warning stands without it. */
export function ConflictReach({ reach }: { reach: Reach | undefined }) {
  if (reach === undefined) return null;
  const { level, reasons } = reach;
  return (
    <span data-reach={level} title={reasons.join(' ')}>
      Reach: <LookBadge look={CRITICALITY_LOOKS[level]} status={level} />
    </span>
  );
}
