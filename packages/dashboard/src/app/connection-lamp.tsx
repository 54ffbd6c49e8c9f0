import { IconCloudOff, IconKey, IconLoader2, IconMoon, IconWifi } from '@tabler/icons-react';
import type { LiveState } from '../live/live-connection.ts';
import { useLiveState } from '../live/live-provider.tsx';
import classes from './connection-lamp.module.css';

const LOOKS: Readonly<Record<LiveState, { label: string; about: string; icon: typeof IconWifi }>> = {
  connecting: { label: 'Connecting', about: 'The live connection is being made.', icon: IconLoader2 },
  live: { label: 'Live', about: 'What is shown is kept current as it is committed.', icon: IconWifi },
  reconnecting: {
    label: 'Reconnecting',
    about: 'The connection was lost. What is shown may be a moment old.',
    icon: IconLoader2,
  },
  away: {
    label: 'Server away',
    about: 'The server does not answer. What is shown is old; this page goes on by itself when the server is back.',
    icon: IconCloudOff,
  },
  resting: { label: 'Resting', about: 'Goes on when this tab is looked at.', icon: IconMoon },
  refused: { label: 'Not allowed', about: 'The server refuses live events to this key.', icon: IconKey },
};

/** Whether what is shown is live. Announced when it changes. */
export function ConnectionLamp() {
  const state = useLiveState();
  const { label, about, icon: Icon } = LOOKS[state];
  return (
    <div className={classes.lamp} role="status" data-connection={state} title={about}>
      <Icon size={14} aria-hidden />
      <span className={classes.label}>{label}</span>
    </div>
  );
}
