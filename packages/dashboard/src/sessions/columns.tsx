import type { Session, SessionMetrics } from '@signalbox/client';
import type { Column } from '../list/column.ts';
import classes from '../list/list-table.module.css';
import { Age } from '../ui/age.tsx';
import { elapsedSeconds } from '../ui/elapsed.ts';
import { formatCost, formatDuration, formatTokens, NOTHING } from '../ui/format.ts';
import { PRIORITIES } from '../ui/priority.ts';
import { StatusBadge } from '../ui/status-badge.tsx';
import type { SortKey } from './session-filters.ts';

export interface RowFacts {
  session: Session;
  /** Address of the session's page. */
  href: string;
  metrics: SessionMetrics | undefined;
  workspaceName: string | undefined;
  now: number;
}

export const COLUMNS: readonly Column<RowFacts, SortKey>[] = [
  {
    id: 'title',
    label: 'Session',
    width: 'minmax(220px, 3fr)',
    sort: 'title',
    cell: ({ session, href }) => (
      <>
        <a href={href} className={classes.title} title={session.title} tabIndex={-1}>
          {session.title}
        </a>
        {session.tags.length > 0 && (
          <span className={classes.tags}>
            {session.tags.slice(0, 3).map((tag) => (
              <span key={tag} className={classes.tag}>
                {tag}
              </span>
            ))}
          </span>
        )}
      </>
    ),
  },
  {
    id: 'status',
    label: 'Status',
    width: '136px',
    sort: 'status',
    cell: ({ session }) => <StatusBadge status={session.status} />,
  },
  {
    id: 'runtime',
    label: 'Runtime',
    width: '96px',
    sort: 'runtime',
    cell: ({ session }) => session.runtime ?? <span title="Driven by its caller">{NOTHING}</span>,
  },
  { id: 'role', label: 'Role', width: 'minmax(72px, 0.7fr)', cell: ({ session }) => session.agentRole ?? NOTHING },
  {
    id: 'workspace',
    label: 'Workspace',
    width: 'minmax(84px, 0.7fr)',
    cell: ({ session, workspaceName }) => workspaceName ?? (session.workspaceId === null ? NOTHING : '…'),
  },
  {
    id: 'priority',
    label: 'Priority',
    width: '80px',
    sort: 'priority',
    cell: ({ session }) => PRIORITIES[session.priority]?.label ?? session.priority,
  },
  {
    id: 'age',
    label: 'Age',
    width: '60px',
    sort: 'createdAt',
    end: true,
    cell: ({ session }) => <Age since={session.createdAt} />,
  },
  {
    id: 'duration',
    label: 'Duration',
    width: '84px',
    end: true,
    cell: ({ session, metrics, now }) =>
      formatDuration(metrics === undefined ? null : elapsedSeconds(session, metrics, now)),
  },
  {
    id: 'tokens',
    label: 'Tokens',
    width: '68px',
    end: true,
    cell: ({ metrics }) => formatTokens(metrics?.totalTokensUsed),
  },
  {
    id: 'cost',
    label: 'Cost',
    width: '72px',
    end: true,
    cell: ({ metrics }) => formatCost(metrics?.estimatedCostMicroUsd),
  },
  {
    id: 'lastEvent',
    label: 'Last event',
    width: '86px',
    sort: 'lastEventAt',
    end: true,
    cell: ({ session }) => <Age since={session.lastEventAt} />,
  },
];
