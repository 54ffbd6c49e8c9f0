import type { Approval } from '@signalbox/client';
import type { Column } from '../list/column.ts';
import classes from '../list/list-table.module.css';
import { Age } from '../ui/age.tsx';
import { NOTHING } from '../ui/format.ts';
import { LookBadge } from '../ui/look-badge.tsx';
import { Until } from '../ui/until.tsx';
import type { ApprovalSortKey } from './approval-filters.ts';
import { APPROVAL_LOOKS } from './approval-looks.ts';
import own from './approvals.module.css';

export interface ApprovalFacts {
  approval: Approval;
  /** Address of its page. */
  href: string;
  sessionTitle: string | undefined;
}

type ApprovalColumn = Column<ApprovalFacts, ApprovalSortKey>;

const WHAT: ApprovalColumn = {
  id: 'title',
  label: 'What is asked for',
  width: 'minmax(260px, 3fr)',
  sort: 'tool',
  cell: ({ approval, href }) => (
    <a href={href} className={`${classes.title} ${own.what}`} title={approval.summary} tabIndex={-1}>
      {approval.summary}
    </a>
  ),
};
const STATUS: ApprovalColumn = {
  id: 'status',
  label: 'Status',
  width: '112px',
  sort: 'status',
  cell: ({ approval: { status } }) => <LookBadge look={APPROVAL_LOOKS[status]} status={status} />,
};
const RULE: ApprovalColumn = {
  id: 'rule',
  label: 'Rule',
  width: 'minmax(110px, 1fr)',
  cell: ({ approval: { policy } }) => (
    <span className={classes.text} title={policy?.name}>
      {policy?.name ?? NOTHING}
    </span>
  ),
};
const SESSION: ApprovalColumn = {
  id: 'session',
  label: 'Session',
  width: 'minmax(120px, 1.2fr)',
  cell: ({ approval: { sessionId }, sessionTitle }) => (
    <span className={classes.text} title={sessionTitle}>
      {sessionTitle ?? (sessionId === null ? NOTHING : `…${sessionId.slice(-8)}`)}
    </span>
  ),
};
const ASKER: ApprovalColumn = {
  id: 'asker',
  label: 'Asked by',
  width: 'minmax(90px, 0.8fr)',
  sort: 'requestedBy',
  cell: ({ approval }) => (
    <span className={classes.text} title={approval.requestedBy}>
      {approval.requestedBy}
    </span>
  ),
};

/** What waits: who must answer, and how long there is. */
export const WAITING_COLUMNS: readonly ApprovalColumn[] = [
  WHAT,
  STATUS,
  RULE,
  SESSION,
  ASKER,
  {
    id: 'quorum',
    label: 'Approved',
    width: '84px',
    end: true,
    cell: ({ approval: { approvals, quorum } }) => `${approvals} of ${quorum}`,
  },
  {
    id: 'age',
    label: 'Age',
    width: '60px',
    sort: 'requestedAt',
    end: true,
    cell: ({ approval }) => <Age since={approval.requestedAt} />,
  },
  {
    id: 'left',
    label: 'Time left',
    width: '96px',
    sort: 'expiresAt',
    end: true,
    cell: ({ approval }) => <Until at={approval.expiresAt} past="over" />,
  },
];

/** What was decided: how, by whom, and why. */
export const DECIDED_COLUMNS: readonly ApprovalColumn[] = [
  WHAT,
  STATUS,
  RULE,
  SESSION,
  ASKER,
  {
    id: 'decider',
    label: 'Decided by',
    width: 'minmax(90px, 0.8fr)',
    sort: 'decidedBy',
    cell: ({ approval }) => <span className={classes.text}>{approval.decidedBy ?? NOTHING}</span>,
  },
  {
    id: 'reason',
    label: 'Why',
    width: 'minmax(110px, 1.2fr)',
    cell: ({ approval: { reason } }) => (
      <span className={classes.text} title={reason ?? undefined}>
        {reason ?? NOTHING}
      </span>
    ),
  },
  {
    id: 'when',
    label: 'When',
    width: '60px',
    sort: 'decidedAt',
    end: true,
    cell: ({ approval }) => <Age since={approval.decidedAt} />,
  },
];
