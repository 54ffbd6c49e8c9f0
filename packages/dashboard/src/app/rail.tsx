import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import { usePendingCount } from '../approvals/use-approvals.ts';
import { ColorSchemeSwitch } from './color-scheme-switch.tsx';
import { ConnectionLamp } from './connection-lamp.tsx';
import { Logo } from './logo.tsx';
import { VIEWS } from './navigation.ts';
import { ProjectSwitch } from './project-switch.tsx';
import classes from './rail.module.css';
import { useShellDialogs } from './shell-dialogs.tsx';

/** The rail at the left: where one is, where one can go, and whether what is shown is live. */
export function Rail() {
  const { show } = useShellDialogs();
  const counts: Readonly<Record<string, { count: number; about: string }>> = {
    '/sessions': { count: useActiveCount() ?? 0, about: 'active' },
    '/approvals': { count: usePendingCount() ?? 0, about: 'waiting' },
  };
  return (
    <nav className={classes.rail} aria-label="Main">
      <Link to="/" className={classes.brand} aria-label="Signalbox, overview">
        <Logo />
        <span className={classes.word}>Signalbox</span>
      </Link>
      <ProjectSwitch />
      <Button
        size="xs"
        variant="filled"
        className={classes.create}
        leftSection={<IconPlus size={14} aria-hidden />}
        onClick={() => show('new-session')}
        aria-label="New session"
      >
        <span className={classes.word}>New session</span>
      </Button>
      <ul className={classes.views}>
        {VIEWS.map(({ to, label, icon: Icon }) => (
          <li key={to}>
            <Link
              to={to}
              className={classes.view}
              aria-label={label}
              activeOptions={{ exact: to === '/', includeSearch: false }}
              activeProps={{ 'aria-current': 'page' }}
            >
              <Icon size={17} stroke={1.8} aria-hidden />
              <span className={classes.word}>{label}</span>
              <Count of={counts[to]} />
            </Link>
          </li>
        ))}
      </ul>
      <div className={classes.foot}>
        <ConnectionLamp />
        <ColorSchemeSwitch />
      </div>
    </nav>
  );
}

function Count({ of }: { of: { count: number; about: string } | undefined }) {
  if (of === undefined || of.count === 0) return null;
  return (
    <span className={classes.count} title={`${of.count} ${of.about}`}>
      {of.count}
    </span>
  );
}

function useActiveCount(): number | null {
  const { client, project } = useApi();
  const { data } = useQuery({
    queryKey: keys.monitor(project),
    queryFn: ({ signal }) => client.sessions.monitor({ signal }),
    // The page of a session listens to that session only, so that the count is asked for now and then.
    refetchInterval: 15_000,
  });
  return data?.activeSessionsCount ?? null;
}
