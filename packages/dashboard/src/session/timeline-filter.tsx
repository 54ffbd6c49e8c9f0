import { Chip } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { formatCount } from '../ui/format.ts';
import { EVENT_FILTERS } from './event-kinds.ts';
import classes from './timeline-filter.module.css';

interface Props {
  value: string | undefined;
  count: number;
  hasOlder: boolean;
}

/** Which kinds of events are shown; it stands in the address. */
export function TimelineFilter({ value, count, hasOlder }: Props) {
  const navigate = useNavigate({ from: '/sessions/$sessionId' });
  return (
    <fieldset className={classes.filter} aria-label="Kinds of events">
      <Chip.Group
        multiple
        value={value?.split(',') ?? []}
        onChange={(names) =>
          void navigate({
            search: (before) => ({ ...before, types: names.length === 0 ? undefined : names.join(',') }),
            replace: true,
          })
        }
      >
        {EVENT_FILTERS.map(({ value: name, label }) => (
          <Chip key={name} value={name} size="xs" variant="outline" radius="sm">
            {label}
          </Chip>
        ))}
      </Chip.Group>
      <span className={classes.count}>
        {hasOlder ? `the latest ${formatCount(count)}` : `${formatCount(count)} ${count === 1 ? 'entry' : 'entries'}`}
      </span>
    </fieldset>
  );
}
