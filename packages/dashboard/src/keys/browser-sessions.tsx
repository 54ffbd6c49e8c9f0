import { Button } from '@mantine/core';
import type { BrowserSession } from '@signalbox/client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import { usePages } from '../api/use-pages.ts';
import { Age } from '../ui/age.tsx';
import { Listed } from '../ui/listed.tsx';
import { notifyDone, notifyProblem } from '../ui/notify.tsx';
import { Panel } from '../ui/page.tsx';
import table from '../ui/table.module.css';
import { Until } from '../ui/until.tsx';

const LOOK_MS = 15_000;

/** Who is signed in with a browser, by which key; anybody can be signed out. */
export function BrowserSessions() {
  const { client, project } = useApi();
  const list = usePages({
    queryKey: keys.browserSessions(project),
    read: (page, signal) => client.browserSessions.list({ page, pageSize: 100 }, { signal }),
    everyMs: LOOK_MS,
  });
  if (list.total === 0) return null;
  return (
    <Listed list={list} blank={null}>
      <Panel title="Signed in" note="browsers in which one of these keys was shown; they go with the key">
        <Table sessions={list.items} />
      </Panel>
    </Listed>
  );
}

function Table({ sessions }: { sessions: readonly BrowserSession[] }) {
  const { client, project } = useApi();
  const queries = useQueryClient();
  const ending = useMutation({
    mutationFn: ({ id }: BrowserSession) => client.browserSessions.end(id),
    onSuccess: (_answer, { keyName }) => notifyDone(`${keyName} is signed out there.`),
    onError: (error) => notifyProblem(error, 'Nobody was signed out'),
    onSettled: () => queries.invalidateQueries({ queryKey: keys.browserSessions(project) }),
  });
  return (
    <div className={table.scroll}>
      <table className={table.table}>
        <thead>
          <tr>
            <th>Key</th>
            <th>Role</th>
            <th>Signed in</th>
            <th>Last seen</th>
            <th>Ends</th>
            <th>
              <span className={table.hidden}>Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {sessions.map((session) => (
            <tr key={session.id}>
              <td className={table.strong}>{session.keyName}</td>
              <td>{session.role}</td>
              <td>
                <Age since={session.createdAt} />
              </td>
              <td>
                <Age since={session.lastSeenAt} />
              </td>
              <td>
                <Until at={session.expiresAt} past="over" />
              </td>
              <td className={table.act}>
                <Button
                  size="compact-xs"
                  variant="default"
                  aria-label={`Sign out ${session.keyName}`}
                  onClick={() => ending.mutate(session)}
                >
                  Sign out
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
