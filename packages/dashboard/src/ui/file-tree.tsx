import {
  IconChevronDown,
  IconChevronRight,
  IconSquare,
  IconSquareCheckFilled,
  IconSquareMinus,
} from '@tabler/icons-react';
import { type KeyboardEvent, type MouseEvent, type ReactNode, useMemo, useRef, useState } from 'react';
import classes from './file-tree.module.css';
import { type FileTreeRow, fileTreeRows } from './file-tree-rows.ts';

interface Props<Item extends { path: string }> {
  label: string;
  items: readonly Item[];
  /** Path of the file that is looked at. */
  chosen: string | null;
  onChoose: (path: string) => void;
  /** Where files can be ticked: which are, and what to do when some are to be or not. */
  ticks?: { has: (item: Item) => boolean; set: (items: readonly Item[], on: boolean) => void } | undefined;
  /** What stands at the end of a file's line. */
  mark: (item: Item) => ReactNode;
}

/** Files as a tree, for mouse and keyboard: arrows move, open and close, Enter looks, the space bar ticks. */
export function FileTree<Item extends { path: string }>({ label, items, chosen, onChoose, ticks, mark }: Props<Item>) {
  const tree = useRef<HTMLDivElement>(null);
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const [visited, setVisited] = useState<string | null>(null);
  const rows = useMemo(() => fileTreeRows(items, closed), [items, closed]);
  const current = rows.find(({ key }) => key === (visited ?? chosen)) ?? rows[0];

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
    if (row === undefined) return;
    setVisited(row.key);
    tree.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(row.key)}"]`)?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (current === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const at = rows.indexOf(current);
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

  return (
    <div ref={tree} role="tree" aria-label={label} className={classes.tree} onKeyDown={onKeyDown}>
      {rows.map((row) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: keys are heard by the tree
        <div
          key={row.key}
          role="treeitem"
          data-key={row.key}
          aria-level={row.level}
          aria-selected={row.item !== null && row.item.path === chosen}
          aria-expanded={row.item === null ? row.open : undefined}
          aria-checked={ticks === undefined ? undefined : tickOf(row, ticks.has)}
          tabIndex={row === current ? 0 : -1}
          className={classes.row}
          style={{ paddingLeft: 6 + (row.level - 1) * 14 }}
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
      ))}
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
