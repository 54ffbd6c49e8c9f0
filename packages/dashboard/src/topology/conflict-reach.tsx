import { LookBadge } from '../ui/look-badge.tsx';
import { CRITICALITY_LOOKS } from './criticality-looks.ts';
import { useReach } from './use-topology.ts';

/** How far that reaches which two sessions work on. Nothing where it could not be asked: the warning stands without it. */
export function ConflictReach({ id }: { id: string }) {
  const { data } = useReach('conflict', id);
  if (data === undefined) return null;
  return (
    <span title={data.reasons.join(' ')}>
      Reach: <LookBadge look={CRITICALITY_LOOKS[data.level]} status={data.level} />
    </span>
  );
}
