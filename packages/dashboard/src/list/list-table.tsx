// biome-ignore-all lint/a11y/useSemanticElements: rows of a virtual list are placed by transform, which rows of a table do not take
import { useVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { Column } from './column.ts';
import { ListHead } from './list-head.tsx';
import { ListRow, RowPlace } from './list-row.tsx';
import classes from './list-table.module.css';
import type { Item, Rows, Sort } from './rows.ts';
import { useListKeys } from './use-list-keys.ts';

const ROW_HEIGHT = 34;
const HEAD_HEIGHT = 32;
/** Rows kept ready above and below what is seen. */
const OVERSCAN = 12;
const CHECK_WIDTH = '36px';

interface Props<Each extends Item, Facts extends object, Key extends string> {
  /** Name of the list. */
  label: string;
  /** What a row is, and what many are. */
  noun: string;
  nouns: string;
  columns: readonly Column<Facts, Key>[];
  rows: Rows<Each>;
  nameOf: (item: Each) => string;
  /** A hook that answers what its columns show of a row. Given the rows in view; none while they fly by. */
  useFacts: (inView: readonly Each[]) => (item: Each) => Facts;
  sort: Sort<Key> | null;
  onSort: (key: Key) => void;
  selected: ReadonlySet<string>;
  onSelect: (ids: ReadonlySet<string>) => void;
  onTop: (atTop: boolean) => void;
  /** Opens a row's page; stays the same from one drawing to the next. */
  onOpen: (id: string) => void;
  /** What other keys do with the row that has the focus; answers whether the key was one of them. */
  onKey?: (key: string, id: string) => boolean;
}

/** A list as a grid of which only the rows in view exist. */
export function ListTable<Each extends Item, Facts extends object, Key extends string>(props: Props<Each, Facts, Key>) {
  const { label, noun, nouns, columns, rows, nameOf, useFacts, sort, onSort, selected, onSelect, onTop } = props;
  const { onOpen, onKey } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(0);
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
  const factsOf = useFacts(virtual.isScrolling ? [] : shown);

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
  const keys = { rows, active, setActive, selected, onSelect, open: onOpen, onKey, virtual, scroller };
  const onKeyDown = useListKeys(keys);

  return (
    <div
      ref={scroller}
      role="grid"
      aria-label={label}
      aria-rowcount={rows.total + 1}
      aria-multiselectable
      aria-busy={rows.stale}
      className={classes.table}
      style={{ '--columns': [CHECK_WIDTH, ...columns.map(({ width }) => width)].join(' ') } as React.CSSProperties}
      onKeyDown={onKeyDown}
      tabIndex={-1}
    >
      <ListHead
        columns={columns}
        nouns={nouns}
        sort={sort}
        onSort={onSort}
        selectedCount={selected.size}
        allShown={shown.length > 0 && shown.every(({ id }) => selected.has(id))}
        onSelectShown={(on) => onSelect(on ? new Set([...selected, ...shown.map(({ id }) => id)]) : new Set())}
      />
      <div role="rowgroup" className={classes.body} style={{ height: virtual.getTotalSize() }}>
        {items.map(({ index, start }) => {
          const item = rows.row(index);
          return item === undefined ? (
            <RowPlace key={index} index={index} top={start} />
          ) : (
            <ListRow
              key={item.id}
              columns={columns}
              facts={factsOf(item)}
              id={item.id}
              name={nameOf(item)}
              noun={noun}
              index={index}
              top={start}
              active={index === active}
              selected={selected.has(item.id)}
              onActivate={activate}
              onOpen={onOpen}
              onSelect={select}
            />
          );
        })}
      </div>
    </div>
  );
}
