// biome-ignore-all lint/a11y/useFocusableInteractive: the focus moves by rows, cells are read with their row
// biome-ignore-all lint/a11y/useSemanticElements: rows of a virtual list are placed by transform, which rows of a table do not take
import { type JSX, memo } from 'react';
import type { Column } from './column.ts';
import classes from './list-table.module.css';

interface Props<Facts extends object, Key extends string> {
  columns: readonly Column<Facts, Key>[];
  facts: Facts;
  id: string;
  /** What the row is called. */
  name: string;
  /** What it is one of, as the attribute that its id stands in. */
  noun: string;
  index: number;
  top: number;
  active: boolean;
  selected: boolean;
  onActivate: (index: number) => void;
  onOpen: (id: string) => void;
  onSelect: (id: string, selected: boolean) => void;
}

/**
 * One row of a list. Made of plain elements, since dozens of them are drawn anew while somebody scrolls; its name is a
 * link, so that it opens in another tab as links do.
 */
function PlainRow<Facts extends object, Key extends string>(props: Props<Facts, Key>): JSX.Element {
  const { columns, facts, id, name, noun, index, top, active, selected, onActivate, onOpen, onSelect } = props;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid handles the keys of all its rows
    <div
      role="row"
      className={classes.row}
      style={{ transform: `translateY(${top}px)` }}
      aria-rowindex={index + 2}
      aria-selected={selected}
      data-active={active || undefined}
      data-index={index}
      {...{ [`data-${noun}`]: id }}
      tabIndex={active ? 0 : -1}
      onFocus={() => onActivate(index)}
      onClick={(event) => {
        if (event.target instanceof HTMLInputElement || window.getSelection()?.type === 'Range') return;
        // The browser's own ways with links stay: another tab, another window.
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
        event.preventDefault();
        onOpen(id);
      }}
    >
      <span role="gridcell" className={classes.cell}>
        <input
          type="checkbox"
          className={classes.check}
          checked={selected}
          tabIndex={-1}
          aria-label={`Select ${name}`}
          onChange={(event) => onSelect(id, event.currentTarget.checked)}
        />
      </span>
      {columns.map(({ id: column, cell, end }) => (
        <span role="gridcell" key={column} className={classes.cell} data-column={column} data-end={end || undefined}>
          {cell(facts)}
        </span>
      ))}
    </div>
  );
}

/** Drawn anew only when something about the row changed; what is known of it comes in an object made each time. */
export const ListRow = memo(
  PlainRow,
  ({ facts: before, ...a }, { facts: after, ...b }) => isSame(before, after) && isSame(a, b),
) as typeof PlainRow;

function isSame(before: object, after: object): boolean {
  const newer = new Map<string, unknown>(Object.entries(after));
  const older = Object.entries(before);
  return older.length === newer.size && older.every(([name, value]) => Object.is(newer.get(name), value));
}

/** The place of a row that is not loaded yet. */
export function RowPlace({ index, top }: { index: number; top: number }) {
  return (
    <div
      role="row"
      tabIndex={-1}
      className={classes.row}
      style={{ transform: `translateY(${top}px)` }}
      aria-rowindex={index + 2}
      aria-busy
    >
      <span role="gridcell" className={classes.cell} />
      <span role="gridcell" className={classes.cell}>
        <span className={classes.ghost} style={{ width: `${40 + ((index * 37) % 45)}%` }} />
      </span>
    </div>
  );
}
