import { useMantineColorScheme } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { Spotlight, type SpotlightActionData, type SpotlightActionGroupData, spotlight } from '@mantine/spotlight';
import type { FoundSession } from '@signalbox/client';
import { IconKeyboard, IconListDetails, IconMoon, IconPlus, IconSearch, IconSun } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useApi } from '../api/api-context.tsx';
import { STATUS_LOOKS } from '../ui/status.ts';
import { VIEWS } from './navigation.ts';
import { useShellDialogs } from './shell-dialogs.tsx';

const SESSIONS_SHOWN = 8;

/** Ctrl/Cmd-K: views, actions and sessions by what they are called. */
export default function CommandPalette({ onClose }: { onClose: () => void }) {
  const [query, setQuery] = useState('');
  const navigate = useNavigate();
  const { show } = useShellDialogs();
  useEffect(() => {
    spotlight.open();
    return spotlight.close;
  }, []);
  const { setColorScheme } = useMantineColorScheme();
  const sessions = useFoundSessions(query);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it looks at what is drawn for them
  useEffect(selectFirst, [sessions]);
  const icon = (Icon: typeof IconPlus) => <Icon size={17} stroke={1.7} />;
  const views: SpotlightActionData[] = VIEWS.map(({ to, label, key, icon: Icon }) => ({
    id: to,
    label: `Go to ${label}`,
    leftSection: <Icon size={17} stroke={1.7} />,
    rightSection: <kbd>g {key}</kbd>,
    onClick: () => void navigate({ to }),
  }));
  const actions: SpotlightActionData[] = [
    { id: 'new', label: 'New session', leftSection: icon(IconPlus), onClick: () => show('new-session') },
    {
      id: 'failed',
      label: 'Show failed sessions',
      leftSection: icon(IconListDetails),
      onClick: () => void navigate({ to: '/sessions', search: { status: 'failed,timeout,orphaned' } }),
    },
    {
      id: 'running',
      label: 'Show running sessions',
      leftSection: icon(IconListDetails),
      onClick: () => void navigate({ to: '/sessions', search: { status: 'running,paused,degraded' } }),
    },
    { id: 'dark', label: 'Dark colours', leftSection: icon(IconMoon), onClick: () => setColorScheme('dark') },
    { id: 'light', label: 'Light colours', leftSection: icon(IconSun), onClick: () => setColorScheme('light') },
    { id: 'keys', label: 'Keyboard shortcuts', leftSection: icon(IconKeyboard), onClick: () => show('keyboard-help') },
  ];
  return (
    <Spotlight
      query={query}
      onQueryChange={setQuery}
      shortcut={null}
      onSpotlightClose={onClose}
      nothingFound="Nothing is called that"
      highlightQuery
      scrollable
      maxHeight={440}
      searchProps={{
        leftSection: <IconSearch size={17} aria-hidden />,
        placeholder: 'Go to a view, a session, or do something',
        'aria-label': 'Search for views, sessions and actions',
      }}
      // The server has searched the sessions already; by what, only it knows.
      filter={(text, groups) =>
        groups.flatMap((group): (SpotlightActionData | SpotlightActionGroupData)[] => {
          if (!('actions' in group)) return [group];
          if (group.group === 'Sessions') return group.actions.length > 0 ? [group] : [];
          const found = group.actions.filter(({ label }) => label?.toLowerCase().includes(text.trim().toLowerCase()));
          return found.length > 0 ? [{ ...group, actions: found }] : [];
        })
      }
      actions={[
        {
          group: 'Sessions',
          actions: sessions.map((session) => ({
            id: session.id,
            label: session.title,
            description: STATUS_LOOKS[session.status].label,
            leftSection: icon(IconListDetails),
            onClick: () => void navigate({ to: '/sessions/$sessionId', params: { sessionId: session.id } }),
          })),
        },
        { group: 'Views', actions: views },
        { group: 'Actions', actions },
      ]}
    />
  );
}

/**
 * Makes Enter take what stands first. Spotlight selects when the words change; sessions come a moment later, in front of
 * what it selected.
 */
function selectFirst(): void {
  const actions = [...document.querySelectorAll('[data-action]')];
  for (const action of actions) action.removeAttribute('data-selected');
  actions[0]?.setAttribute('data-selected', 'true');
}

const NO_SESSIONS: FoundSession[] = [];

function useFoundSessions(query: string) {
  const { client, project } = useApi();
  const [text] = useDebouncedValue(query.trim(), 150);
  const { data } = useQuery({
    queryKey: [project, 'palette', text],
    queryFn: ({ signal }) => client.sessions.search(text, { pageSize: SESSIONS_SHOWN }, { signal }),
    enabled: text.length > 1,
  });
  return text.length > 1 ? (data?.items ?? NO_SESSIONS) : NO_SESSIONS;
}
