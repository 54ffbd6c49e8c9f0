import { Button } from '@mantine/core';
import type { Conflict } from '@signalbox/client';
import { IconCheck } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useRef } from 'react';
import { useSessionTitles } from '../sessions/use-session-titles.ts';
import { useWorkspaceNames } from '../sessions/use-workspace-names.ts';
import { ConflictReach } from '../topology/conflict-reach.tsx';
import { useConflictReaches } from '../topology/use-topology.ts';
import { Age } from '../ui/age.tsx';
import table from '../ui/table.module.css';
import { useRowKeys } from '../ui/use-row-keys.ts';
import { conflictWords } from './conflict-words.ts';
import classes from './paths.module.css';
import { useAcknowledge } from './use-acknowledge.ts';

/** Conflicts, one row each. */
export function ConflictTable({ conflicts }: { conflicts: readonly Conflict[] }) {
  const body = useRef<HTMLTableSectionElement>(null);
  useRowKeys(body);
  const titles = useSessionTitles(conflicts.flatMap(({ sessionIds }) => sessionIds));
  const workspaces = useWorkspaceNames();
  const acknowledge = useAcknowledge();
  const reaches = useConflictReaches(conflicts.map(({ id }) => id));
  return (
    <div className={table.scroll}>
      <table className={table.table}>
        <thead>
          <tr>
            <th>Path</th>
            <th>Sessions</th>
            <th>Since</th>
            <th>Last seen</th>
            <th>Acknowledged</th>
          </tr>
        </thead>
        <tbody ref={body}>
          {conflicts.map((conflict) => (
            <tr key={conflict.id} data-conflict={conflict.id}>
              <td>
                <span className={classes.path}>{conflict.path}</span>
                <div className={table.muted}>{workspaces.get(conflict.workspaceId) ?? '…'}</div>
              </td>
              <td>
                {conflict.sessionIds.map((sessionId, index) => (
                  <span key={sessionId}>
                    {index > 0 && ' and '}
                    <Link
                      to="/sessions/$sessionId"
                      params={{ sessionId }}
                      {...(index === 0 ? { 'data-row': true } : {})}
                    >
                      {titles.get(sessionId) ?? `…${sessionId.slice(-8)}`}
                    </Link>
                  </span>
                ))}
                <div className={table.muted}>{conflictWords(conflict)}</div>
                <ConflictReach reach={reaches.get(conflict.id)} />
              </td>
              <td>
                <Age since={conflict.firstSeenAt} />
              </td>
              <td>
                <Age since={conflict.lastSeenAt} />
              </td>
              <td>
                {conflict.acknowledgedAt === null ? (
                  <Button
                    size="compact-xs"
                    variant="default"
                    leftSection={<IconCheck size={13} aria-hidden />}
                    aria-label={`Acknowledge ${conflict.path}`}
                    loading={acknowledge.isPending && acknowledge.variables === conflict.id}
                    onClick={() => acknowledge.mutate(conflict.id)}
                  >
                    Acknowledge
                  </Button>
                ) : (
                  <>
                    by {conflict.acknowledgedBy}, <Age since={conflict.acknowledgedAt} />
                  </>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
