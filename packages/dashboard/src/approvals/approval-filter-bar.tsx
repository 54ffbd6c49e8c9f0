import { ClearFilters } from '../list/clear-filters.tsx';
import bar from '../list/filter-bar.module.css';
import { StatusFilter } from '../list/status-filter.tsx';
import { TypedFilter } from '../list/typed-filter.tsx';
import { type ApprovalFilterName, type ApprovalFilters, isHistory, isInboxNarrowed } from './approval-filters.ts';
import { APPROVAL_LOOKS, DECIDED_STATUSES } from './approval-looks.ts';

interface Props {
  filters: ApprovalFilters;
  onChange: (filters: ApprovalFilters) => void;
}

/** What the list is narrowed by. All of it stands in the address: a link shows the same to somebody else. */
export function ApprovalFilterBar({ filters, onChange }: Props) {
  const set = (name: ApprovalFilterName, value: string) =>
    onChange({ ...filters, [name]: value === '' ? undefined : value });
  return (
    <search className={bar.bar} aria-label="Filters">
      {isHistory(filters) && (
        <StatusFilter
          statuses={DECIDED_STATUSES}
          looks={APPROVAL_LOOKS}
          value={filters.status}
          onChange={(value) => set('status', value)}
        />
      )}
      <TypedFilter label="Tool" value={filters.tool} onCommit={(value) => set('tool', value)} />
      <TypedFilter label="Session" value={filters.session} onCommit={(value) => set('session', value)} />
      <TypedFilter label="Asked by" value={filters.asker} onCommit={(value) => set('asker', value)} />
      {isHistory(filters) && (
        <TypedFilter label="Decided by" value={filters.decider} onCommit={(value) => set('decider', value)} />
      )}
      {isInboxNarrowed(filters) && (
        <ClearFilters onClear={() => onChange({ show: filters.show, sort: filters.sort })} />
      )}
    </search>
  );
}
