import type { Approval } from '@signalbox/client';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useCallback, useState } from 'react';
import { useApi } from '../api/api-context.tsx';
import { stringifySearch } from '../app/search.ts';
import classes from '../list/list-place.module.css';
import { ListProblem } from '../list/list-problem.tsx';
import { ListTable } from '../list/list-table.tsx';
import { nextSort, type Rows } from '../list/rows.ts';
import { useLiveList } from '../list/use-live-list.ts';
import { WaitingRows } from '../list/waiting-rows.tsx';
import { useSessionTitles } from '../sessions/use-session-titles.ts';
import { type ApprovalFacts, DECIDED_COLUMNS, WAITING_COLUMNS } from './approval-columns.tsx';
import {
  type ApprovalFilters,
  approvalQueryOf,
  approvalSortOf,
  approvalSortText,
  isHistory,
} from './approval-filters.ts';
import { verbOfKey } from './approval-verbs.ts';
import type { Chosen } from './verb-dialog.tsx';

interface Props {
  rows: Rows<Approval>;
  filters: ApprovalFilters;
  onChange: (filters: ApprovalFilters) => void;
  selected: ReadonlySet<string>;
  onSelect: (ids: ReadonlySet<string>) => void;
  /** A key says what to do with the row that has the focus. */
  onVerb: (chosen: Chosen) => void;
  blank: ReactNode;
}

const nameOf = ({ summary }: Approval) => summary;

/** Approvals as a live list of which only the rows in view exist. */
export function ApprovalList({ rows, filters, onChange, selected, onSelect, onVerb, blank }: Props) {
  const { client } = useApi();
  const navigate = useNavigate();
  const [atTop, setAtTop] = useState(true);
  const query = approvalQueryOf(filters);
  const live = useLiveList({ rows, query, atTop, topic: 'approval', read: client.approvals.list });
  const open = useCallback(
    (id: string) => void navigate({ to: '/approvals/$approvalId', params: { approvalId: id } }),
    [navigate],
  );
  const sort = approvalSortOf(filters);
  const error = rows.error ?? live.error;
  const onKey = (key: string, id: string): boolean => {
    const approval = rows.inView().find((each) => each.id === id);
    const verb = approval === undefined ? null : verbOfKey(key, approval);
    if (approval === undefined || verb === null) return false;
    onVerb({ verb, approval });
    return true;
  };
  return (
    <>
      {error !== null && <ListProblem error={error} onAgain={rows.retry} />}
      {rows.total === 0 && !rows.pending && rows.error === null ? (
        blank
      ) : (
        <div className={classes.list}>
          <WaitingRows count={live.waiting} word="more" onShow={live.show} />
          <ListTable
            label="Approvals"
            noun="approval"
            nouns="approvals"
            columns={isHistory(filters) ? DECIDED_COLUMNS : WAITING_COLUMNS}
            rows={rows}
            nameOf={nameOf}
            useFacts={useApprovalFacts}
            sort={sort}
            onSort={(key) => onChange({ ...filters, sort: approvalSortText(filters, nextSort(sort, key)) })}
            selected={selected}
            onSelect={onSelect}
            onTop={setAtTop}
            onOpen={open}
            onKey={onKey}
          />
        </div>
      )}
    </>
  );
}

function useApprovalFacts(inView: readonly Approval[]): (approval: Approval) => ApprovalFacts {
  const { project } = useApi();
  const titles = useSessionTitles(inView.flatMap(({ sessionId }) => sessionId ?? []));
  return (approval) => ({
    approval,
    href: `/approvals/${approval.id}${stringifySearch({ project })}`,
    sessionTitle: approval.sessionId === null ? undefined : titles.get(approval.sessionId),
  });
}
