import { Button } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { conflictWordsFor, otherSession } from '../paths/conflict-words.ts';
import classes from '../paths/paths.module.css';
import { useAcknowledge } from '../paths/use-acknowledge.ts';
import { useConflicts } from '../paths/use-paths.ts';
import { useSessionTitles } from '../sessions/use-session-titles.ts';
import { ConflictReach } from '../topology/conflict-reach.tsx';
import { useConflictReaches } from '../topology/use-topology.ts';
import { Age } from '../ui/age.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';

const SHOWN = 3;

/** Who else touches this session's paths, until somebody says that it was seen. Told to those who listen as it comes. */
export function ConflictBanner({ sessionId }: { sessionId: string }) {
  const { items, total = 0, error } = useConflicts({ sessionId }, true);
  const acknowledge = useAcknowledge();
  const shown = items.slice(0, SHOWN);
  const reaches = useConflictReaches(shown.map(({ id }) => id));
  const titles = useSessionTitles(shown.map((conflict) => otherSession(conflict, sessionId)));
  return (
    <section aria-label="Conflict warnings" aria-live="polite">
      {error !== null && <ProblemNote error={error} />}
      {shown.length > 0 && (
        <div className={classes.banner} data-tone="caution">
          <h2 className={classes.heading}>
            <IconAlertTriangle size={15} aria-hidden />
            {total === 1
              ? 'Another session works on the same path'
              : `${total} paths are worked on by other sessions too`}
          </h2>
          <ul className={classes.warnings}>
            {shown.map((conflict) => {
              const other = otherSession(conflict, sessionId);
              return (
                <li key={conflict.id} className={classes.warning}>
                  <span className={classes.path}>{conflict.path}</span>
                  <span>
                    {conflictWordsFor(conflict, sessionId)}{' '}
                    <Link to="/sessions/$sessionId" params={{ sessionId: other }}>
                      {titles.get(other) ?? `session …${other.slice(-8)}`}
                    </Link>
                  </span>
                  <ConflictReach reach={reaches.get(conflict.id)} />
                  <span title="Since it was first seen">
                    <Age since={conflict.firstSeenAt} />
                  </span>
                  <Button
                    size="compact-xs"
                    variant="default"
                    aria-label={`Acknowledge ${conflict.path}`}
                    loading={acknowledge.isPending && acknowledge.variables === conflict.id}
                    onClick={() => acknowledge.mutate(conflict.id)}
                  >
                    Acknowledge
                  </Button>
                </li>
              );
            })}
            {total > shown.length && (
              <li>
                <Link to="/sessions/$sessionId" params={{ sessionId }} search={{ tab: 'paths' }}>
                  {total - shown.length} more
                </Link>
              </li>
            )}
          </ul>
        </div>
      )}
    </section>
  );
}
