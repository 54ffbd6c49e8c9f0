import type { ChangeReach } from '@signalbox/client';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { LookBadge } from '../ui/look-badge.tsx';
import { Panel } from '../ui/page.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import { CRITICALITY_LOOKS } from './criticality-looks.ts';
import classes from './topology.module.css';
import { useReach } from './use-topology.ts';

/** Services on whose chains people look. */
const MOST_SHOWN = 20;

/**
 * What a change can break: whose code it is, whose code uses it, and the chains to what depends on that. Where no service is known, why the
 * level is what it is. Nothing where nothing changes, or nobody knows anything of the code.
 */
export function ReachPanel({ of, id }: { of: 'session' | 'approval'; id: string }) {
  const { data, error } = useReach(of, id);
  if (error !== null) return <ProblemNote error={error} />;
  if (data === undefined || isBlank(data)) return null;
  const { level, owners, using, reached, outdated, reasons } = data;
  const isKnown = owners.length + using.length > 0;
  const notes = isKnown ? reasons.filter((reason) => outdated.some((path) => reason.startsWith(`${path} `))) : reasons;
  return (
    <Panel
      title="What this can break"
      note={<LookBadge look={CRITICALITY_LOOKS[level]} status={level} />}
      className={classes.reach}
    >
      <ul className={classes.chains}>
        {owners.map(({ paths, ...service }) => (
          <Affected key={service.service} {...service}>
            {paths.slice(0, 3).join(', ')}
            {paths.length > 3 && ` and ${paths.length - 3} more`}
          </Affected>
        ))}
        {using.slice(0, MOST_SHOWN).map(({ through, ...service }) => (
          <Affected key={service.service} {...service} kind="using">
            its code uses it: {chain(through.map(({ name }) => name))}
          </Affected>
        ))}
        {reached.slice(0, MOST_SHOWN).map(({ way, ...service }) => (
          <Affected key={service.service} {...service} kind="reached">
            depends on it: {chain(way)}
          </Affected>
        ))}
        {notes.slice(0, MOST_SHOWN).map((note) => (
          <li key={note} className={classes.team}>
            {note}
          </li>
        ))}
      </ul>
      <More of={using.length} what="services whose code uses it, which are less critical" />
      <More of={reached.length} what="services that are less critical or further away" />
      <More of={notes.length} what="reasons" />
    </Panel>
  );
}

/** What of a list is not shown. */
function More({ of, what }: { of: number; what: string }) {
  if (of <= MOST_SHOWN) return null;
  return (
    <p className={classes.more}>
      and {of - MOST_SHOWN} more {what}
    </p>
  );
}

type AffectedProps = Pick<ChangeReach['owners'][number], 'service' | 'criticality' | 'team'> & {
  kind?: 'using' | 'reached';
  children: ReactNode;
};

function Affected({ service, criticality, team, kind, children }: AffectedProps) {
  return (
    <li data-using={kind === 'using' ? service : undefined} data-reached={kind === 'reached' ? service : undefined}>
      <Link to="/topology" search={{ service }}>
        {service}
      </Link>
      <LookBadge look={CRITICALITY_LOOKS[criticality]} status={criticality} plain />
      <span className={classes.team}>
        {children}
        {team !== null && `; of ${team}`}
      </span>
    </li>
  );
}

function isBlank({ owners, using, changed, outdated }: ChangeReach): boolean {
  return owners.length + using.length + changed.length + outdated.length === 0;
}

/** Who depends stands before what it depends on. */
function chain(way: readonly string[]): string {
  return [...way].reverse().join(' → ');
}
