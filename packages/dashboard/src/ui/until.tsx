import { useNow } from './clock.ts';
import { formatDateTime, formatDuration, NOTHING } from './format.ts';

/** How long until something, kept current; `past` says what it is afterwards. The full time on hover. */
export function Until({ at, past }: { at: string | null | undefined; past: string }) {
  const now = useNow();
  if (at === null || at === undefined) return <span>{NOTHING}</span>;
  const seconds = Math.ceil((Date.parse(at) - now) / 1000);
  return (
    <time dateTime={at} title={formatDateTime(at)}>
      {seconds > 0 ? `in ${seconds < 60 ? `${seconds} s` : formatDuration(seconds)}` : past}
    </time>
  );
}
