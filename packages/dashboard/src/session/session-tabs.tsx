import { useHotkeys } from '@mantine/hooks';
import type { Session } from '@signalbox/client';
import {
  IconBinaryTree2,
  IconFileDiff,
  IconFileStar,
  IconFlag,
  IconHistory,
  IconInfoCircle,
  IconTimelineEvent,
} from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import classes from './session-tabs.module.css';

const TABS = [
  { tab: 'timeline', label: 'Timeline', icon: IconTimelineEvent },
  { tab: 'files', label: 'Files', icon: IconFileDiff },
  { tab: 'checkpoints', label: 'Checkpoints', icon: IconFlag },
  { tab: 'tree', label: 'Tree', icon: IconBinaryTree2 },
  { tab: 'paths', label: 'Paths', icon: IconFileStar },
  { tab: 'details', label: 'Details', icon: IconInfoCircle },
  { tab: 'replay', label: 'Replay', icon: IconHistory },
] as const;
export type SessionTab = (typeof TABS)[number]['tab'];

/** The tab an address names; the timeline where it names none that there is. */
export function tabOf(name: string | undefined): SessionTab {
  return TABS.find(({ tab }) => tab === name)?.tab ?? 'timeline';
}

/** Parts of a session, as links: each has an address. The digits from 1 on lead there too. */
export function SessionTabs({ tab: current, session }: { tab: SessionTab; session: Session }) {
  const navigate = useNavigate();
  const go = (tab: SessionTab) =>
    void navigate({
      to: '/sessions/$sessionId',
      params: { sessionId: session.id },
      search: { tab: tab === 'timeline' ? undefined : tab },
      replace: true,
    });
  useHotkeys(TABS.map(({ tab }, index) => [String(index + 1), () => go(tab)]));
  return (
    <nav className={classes.tabs} aria-label="Parts of the session">
      {TABS.map(({ tab, label, icon: Icon }) => (
        <Link
          key={tab}
          to="/sessions/$sessionId"
          params={{ sessionId: session.id }}
          search={{ tab: tab === 'timeline' ? undefined : tab }}
          replace
          className={classes.tab}
          data-current={tab === current || undefined}
          aria-current={tab === current ? 'true' : undefined}
        >
          <Icon size={15} stroke={1.8} aria-hidden />
          {label}
        </Link>
      ))}
    </nav>
  );
}
