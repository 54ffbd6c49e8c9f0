// biome-ignore-all lint/a11y/useSemanticElements: rows of a virtual list are placed by transform, which rows of a table do not take
import { useNavigate } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useApi } from '../api/api-context.tsx';
import { stringifySearch } from '../app/search.ts';
import { useNow } from '../ui/clock.ts';
import { GRID_TEMPLATE } from './columns.tsx';
import type { SessionFilters } from './session-filters.ts';
import { RowPlace, SessionRow } from './session-row.tsx';
import classes from './session-table.module.css';
import { TableHead } from './table-head.tsx';
import { useRowMetrics } from './use-row-metrics.ts';
import type { SessionRows } from './use-session-pages.ts';
import { useTableKeys } from './use-table-keys.ts';
import { useWorkspaceNames } from './use-workspace-names.ts';

export const ROW_HEIGHT = 34;
const HEAD_HEIGHT = 32;
/** Rows kept ready above and below what is seen. */
const OVERSCAN = 12;

interface Props {
  rows: SessionRows;
  filters: SessionFilters;
  onSort: (filters: SessionFilters) => void;
  selected: ReadonlySet<string>;
  onSelect: (ids: ReadonlySet<string>) => void;
  onTop: (atTop: boolean) => void;
}

/** The sessions as a grid of which only the rows in view exist. */
export function SessionTable({ rows, filters, onSort, selected, onSelect, onTop }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(0);
  const navigate = useNavigate();
  const { project } = useApi();
  const now = useNow();
  const names = useWorkspaceNames();
  const virtual = useVirtualizer({
    count: rows.total,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: OVERSCAN,
    scrollPaddingStart: HEAD_HEIGHT,
  });
  const items = virtual.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  const { view } = rows;
  useEffect(() => view(first, last), [view, first, last]);

  const offset = virtual.scrollOffset ?? 0;
  useEffect(() => onTop(offset < ROW_HEIGHT), [onTop, offset]);

  const shown = items.flatMap(({ index }) => rows.row(index) ?? []);
  const metrics = useRowMetrics(virtual.isScrolling ? [] : shown);

  const open = useCallback(
    (id: string) => void navigate({ to: '/sessions/$sessionId', params: { sessionId: id } }),
    [navigate],
  );
  const select = useCallback(
    (id: string, on: boolean) => {
      const next = new Set(selected);
      if (on) next.add(id);
      else next.delete(id);
      onSelect(next);
    },
    [onSelect, selected],
  );
  const activate = useCallback((index: number) => setActive(index), []);
  const onKeyDown = useTableKeys({ rows, active, setActive, selected, onSelect, open, virtual, scroller });

  return (
    <div
      ref={scroller}
      role="grid"
      aria-label="Sessions"
      aria-rowcount={rows.total + 1}
      aria-multiselectable
      aria-busy={rows.stale}
      className={classes.table}
      style={{ '--columns': GRID_TEMPLATE } as React.CSSProperties}
      onKeyDown={onKeyDown}
      tabIndex={-1}
    >
      <TableHead
        filters={filters}
        onSort={onSort}
        selectedCount={selected.size}
        allShown={shown.length > 0 && shown.every(({ id }) => selected.has(id))}
        onSelectShown={(on) => onSelect(on ? new Set([...selected, ...shown.map(({ id }) => id)]) : new Set())}
      />
      <div role="rowgroup" className={classes.body} style={{ height: virtual.getTotalSize() }}>
        {items.map(({ index, start }) => {
          const session = rows.row(index);
          return session === undefined ? (
            <RowPlace key={index} index={index} top={start} />
          ) : (
            <SessionRow
              key={session.id}
              index={index}
              top={start}
              session={session}
              href={`/sessions/${session.id}${stringifySearch({ project })}`}
              metrics={metrics.get(session.id)}
              workspaceName={session.workspaceId === null ? undefined : names.get(session.workspaceId)}
              now={session.status === 'running' || session.status === 'degraded' ? now : 0}
              active={index === active}
              selected={selected.has(session.id)}
              onActivate={activate}
              onOpen={open}
              onSelect={select}
            />
          );
        })}
      </div>
    </div>
  );
}
