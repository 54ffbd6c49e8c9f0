// biome-ignore-all lint/a11y/useFocusableInteractive: the focus moves by rows, cells are read with their row
// biome-ignore-all lint/a11y/useSemanticElements: rows of a virtual list are placed by transform, which rows of a table do not take
import { memo } from 'react';
import { COLUMNS, type RowFacts } from './columns.tsx';
import classes from './session-table.module.css';

interface Props extends RowFacts {
  index: number;
  top: number;
  active: boolean;
  selected: boolean;
  onActivate: (index: number) => void;
  onOpen: (id: string) => void;
  onSelect: (id: string, selected: boolean) => void;
}

/**
 * One session in the list. Made of plain elements, since dozens of them are drawn anew while somebody scrolls; the title
 * is a link, so that it opens in another tab as links do.
 */
export const SessionRow = memo(function SessionRow(props: Props) {
  const { index, top, active, selected, onActivate, onOpen, onSelect, ...facts } = props;
  const { session } = facts;
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
      data-session={session.id}
      tabIndex={active ? 0 : -1}
      onFocus={() => onActivate(index)}
      onClick={(event) => {
        if (event.target instanceof HTMLInputElement || window.getSelection()?.type === 'Range') return;
        // The browser's own ways with links stay: another tab, another window.
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
        event.preventDefault();
        onOpen(session.id);
      }}
    >
      <span role="gridcell" className={classes.cell}>
        <input
          type="checkbox"
          className={classes.check}
          checked={selected}
          tabIndex={-1}
          aria-label={`Select ${session.title}`}
          onChange={(event) => onSelect(session.id, event.currentTarget.checked)}
        />
      </span>
      {COLUMNS.map(({ id, cell, end }) => (
        <span role="gridcell" key={id} className={classes.cell} data-column={id} data-end={end || undefined}>
          {cell(facts)}
        </span>
      ))}
    </div>
  );
});

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
