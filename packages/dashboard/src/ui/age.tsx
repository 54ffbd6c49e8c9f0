import { useNow } from './clock.ts';
import { formatAge, formatDateTime } from './format.ts';

/** How long ago something was, kept current; the full time on hover. */
export function Age({ since }: { since: string | null | undefined }) {
  const now = useNow();
  if (since === null || since === undefined) return <span>{formatAge(null, now)}</span>;
  return (
    <time dateTime={since} title={formatDateTime(since)}>
      {formatAge(since, now)}
    </time>
  );
}
