import {
  IconChevronDown,
  IconChevronRight,
  IconSquare,
  IconSquareCheckFilled,
  IconSquareMinus,
} from '@tabler/icons-react';
import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type MouseEvent, type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import classes from './file-tree.module.css';
import { type FileTreeRow, fileTreeRows } from './file-tree-rows.ts';

const ROW_HEIGHT = 25;
/** Up to so many lines all of them exist. */
const FEW = 200;

interface Props<Item extends { path: string }> {
  label: string;
  items: readonly Item[];
  /** Path of the file that is looked at. */
  chosen: string | null;
  onChoose: (path: string) => void;
  /** Where files can be ticked: which are, and what to do when some are to be or not. */
  ticks?: { has: (item: Item) => boolean; set: (items: readonly Item[], on: boolean) => void } | undefined;
  /** Whether it scrolls inside itself: then of many lines only those in view exist. */
  virtual?: boolean;
  /** What stands at the end of a file's line. */
  mark: (item: Item) => ReactNode;
}

/** Files as a tree, for mouse and keyboard: arrows move, open and close, Enter looks, the space bar ticks. */
export function FileTree<Item extends { path: string }>(props: Props<Item>) {
  const { label, items, chosen, onChoose, ticks, virtual = false, mark } = props;
  const tree = useRef<HTMLDivElement>(null);
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const [visited, setVisited] = useState<string | null>(null);
  const rows = useMemo(() => fileTreeRows(items, closed), [items, closed]);
  const found = rows.findIndex(({ key }) => key === (visited ?? chosen));
  const at = Math.max(0, found);
  const current = rows[at];
  const some = virtual && rows.length > FEW;
  const virtualizer = useVirtualizer({
    count: rows.length,
    enabled: some,
    getScrollElement: () => tree.current,
    estimateSize: () => ROW_HEIGHT,
    paddingStart: 6,
    paddingEnd: 6,
    overscan: 10,
    // The line that the keyboard is at is always there.
    rangeExtractor: (range) => [...new Set([...defaultRangeExtractor(range), at])].sort((a, b) => a - b),
  });
  const goingTo = useRef<string | null>(null);
  useEffect(() => {
    if (goingTo.current === null || goingTo.current !== visited) return;
    tree.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(goingTo.current)}"]`)?.focus();
    goingTo.current = null;
  }, [visited]);

  // What is looked at, or where the keyboard is, is in view.
  useEffect(() => {
    if (some) virtualizer.scrollToIndex(at, { align: 'auto' });
  }, [some, at, virtualizer]);

  const turn = ({ key }: FileTreeRow<Item>, open: boolean) => {
    const next = new Set(closed);
    if (open) next.delete(key);
    else next.add(key);
    setClosed(next);
  };
  const act = (row: FileTreeRow<Item>) => {
    if (row.item === null) turn(row, !row.open);
    else onChoose(row.item.path);
  };
  const tick = (row: FileTreeRow<Item>) => ticks?.set(row.below, !row.below.every(ticks.has));
  const visit = (row: FileTreeRow<Item> | undefined) => {
    if (row === undefined || row === current) return;
    goingTo.current = row.key;
    setVisited(row.key);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (current === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'ArrowDown') visit(rows[at + 1]);
    else if (event.key === 'ArrowUp') visit(rows[at - 1]);
    else if (event.key === 'Home') visit(rows[0]);
    else if (event.key === 'End') visit(rows.at(-1));
    else if (event.key === 'ArrowRight' && current.item === null) {
      if (current.open) visit(rows[at + 1]);
      else turn(current, true);
    } else if (event.key === 'ArrowLeft') {
      if (current.open) turn(current, false);
      else visit(rows.slice(0, at).findLast(({ level }) => level < current.level));
    } else if (event.key === 'Enter') act(current);
    else if (event.key === ' ' && ticks !== undefined) tick(current);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const onClick = (event: MouseEvent, row: FileTreeRow<Item>) => {
    setVisited(row.key);
    if (ticks !== undefined && event.target instanceof Element && event.target.closest('[data-tick]')) tick(row);
    else act(row);
  };
  const line = (row: FileTreeRow<Item>, start: number | null) => (
    // biome-ignore lint/a11y/useKeyWithClickEvents: keys are heard by the tree
    <div
      key={row.key}
      role="treeitem"
      data-key={row.key}
      aria-level={row.level}
      aria-posinset={row.position}
      aria-setsize={row.of}
      aria-selected={row.item !== null && row.item.path === chosen}
      aria-expanded={row.item === null ? row.open : undefined}
      aria-checked={ticks === undefined ? undefined : tickOf(row, ticks.has)}
      tabIndex={row === current ? 0 : -1}
      className={classes.row}
      style={{
        paddingLeft: 6 + (row.level - 1) * 14,
        ...(start === null ? {} : { position: 'absolute', left: 6, right: 6, transform: `translateY(${start}px)` }),
      }}
      title={row.key}
      // Whatever moved the focus here: keys act on what has it.
      onFocus={() => setVisited(row.key)}
      onClick={(event) => onClick(event, row)}
    >
      <span className={classes.fold}>
        {row.item === null && (row.open ? <IconChevronDown size={13} /> : <IconChevronRight size={13} />)}
      </span>
      {ticks !== undefined && (
        <span className={classes.tick} data-tick aria-hidden>
          <TickSign tick={tickOf(row, ticks.has)} />
        </span>
      )}
      <span className={row.item === null ? classes.folder : classes.file}>{row.name}</span>
      {row.item !== null && <span className={classes.mark}>{mark(row.item)}</span>}
    </div>
  );

  return (
    <div
      ref={tree}
      role="tree"
      aria-label={label}
      className={classes.tree}
      data-virtual={virtual || undefined}
      onKeyDown={onKeyDown}
    >
      {some ? (
        <div role="presentation" style={{ position: 'relative', flex: 'none', height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map(({ index, start }) => {
            const row = rows[index];
            return row === undefined ? null : line(row, start - 6);
          })}
        </div>
      ) : (
        rows.map((row) => line(row, null))
      )}
    </div>
  );
}

function tickOf<Item>({ below }: FileTreeRow<Item>, has: (item: Item) => boolean): boolean | 'mixed' {
  const count = below.filter(has).length;
  return count === below.length ? true : count === 0 ? false : 'mixed';
}

function TickSign({ tick }: { tick: boolean | 'mixed' }) {
  if (tick === 'mixed') return <IconSquareMinus size={15} />;
  return tick ? <IconSquareCheckFilled size={15} /> : <IconSquare size={15} />;
}
