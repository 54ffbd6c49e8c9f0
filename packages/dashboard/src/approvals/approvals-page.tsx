import { Button } from '@mantine/core';
import { IconFilterOff, IconHistory, IconMoodSmile } from '@tabler/icons-react';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useCallback, useState } from 'react';
import { Blank } from '../ui/blank.tsx';
import { formatCount } from '../ui/format.ts';
import { Page } from '../ui/page.tsx';
import { ApprovalBulkBar } from './approval-bulk-bar.tsx';
import { ApprovalFilterBar } from './approval-filter-bar.tsx';
import {
  type ApprovalFilters,
  approvalFiltersOf,
  approvalQueryOf,
  isHistory,
  isInboxNarrowed,
} from './approval-filters.ts';
import { ApprovalList } from './approval-list.tsx';
import classes from './approvals.module.css';
import { useApprovalRows } from './use-approvals.ts';
import { type Chosen, VerbDialog } from './verb-dialog.tsx';

const route = getRouteApi('/approvals');

/** What agents and programs wait for people for, and how such questions were answered. */
export function ApprovalsPage() {
  const filters = approvalFiltersOf(route.useSearch());
  // One side of it is another list: nothing selected or scrolled is carried over.
  return <Inbox key={filters.show} filters={filters} />;
}

function Inbox({ filters }: { filters: ApprovalFilters }) {
  const navigate = useNavigate({ from: '/approvals' });
  const change = useCallback(
    (next: ApprovalFilters) =>
      void navigate({ search: (before) => ({ project: before.project, ...next }), replace: true }),
    [navigate],
  );
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const rows = useApprovalRows(approvalQueryOf(filters));
  const history = isHistory(filters);
  return (
    <Page title="Approvals" fill note={rows.pending ? 'Loading…' : countText(rows.total, history)}>
      <nav className={classes.tabs} aria-label="Sides of the inbox">
        <Link to="/approvals" className={classes.tab} aria-current={history ? undefined : 'page'}>
          Waiting
        </Link>
        <Link
          to="/approvals"
          search={{ show: 'decided' }}
          className={classes.tab}
          aria-current={history ? 'page' : undefined}
        >
          Decided
        </Link>
      </nav>
      <ApprovalFilterBar filters={filters} onChange={change} />
      {selected.size > 0 && !history && <ApprovalBulkBar selected={selected} onClear={() => setSelected(new Set())} />}
      <ApprovalList
        rows={rows}
        filters={filters}
        onChange={change}
        selected={selected}
        onSelect={setSelected}
        onVerb={setChosen}
        blank={<NothingHere filters={filters} onChange={change} />}
      />
      {chosen !== null && <VerbDialog chosen={chosen} onClose={() => setChosen(null)} />}
    </Page>
  );
}

function countText(total: number, history: boolean): string {
  return `${formatCount(total)} ${history ? 'decided' : 'waiting'}`;
}

function NothingHere({ filters, onChange }: { filters: ApprovalFilters; onChange: (next: ApprovalFilters) => void }) {
  if (isInboxNarrowed(filters)) {
    return (
      <Blank icon={<IconFilterOff size={28} />} title="No approval fits these filters">
        <Button size="xs" variant="default" onClick={() => onChange({ show: filters.show, sort: filters.sort })}>
          Clear the filters
        </Button>
      </Blank>
    );
  }
  if (isHistory(filters)) {
    return (
      <Blank icon={<IconHistory size={28} />} title="Nothing was decided yet">
        Answers stand here once somebody has given one, with who, when and why.
      </Blank>
    );
  }
  return (
    <Blank icon={<IconMoodSmile size={28} />} title="Nobody waits for you">
      Calls that a <Link to="/policies">policy</Link> holds come here by themselves, and what programs ask with{' '}
      <code>POST /api/v1/approvals</code>.
    </Blank>
  );
}
