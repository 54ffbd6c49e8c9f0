// biome-ignore-all lint/a11y/useSemanticElements: rows of a virtual list are placed by transform, which rows of a table do not take
import { UnstyledButton } from '@mantine/core';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import type { Column } from './column.ts';
import classes from './list-table.module.css';
import type { Sort } from './rows.ts';

interface Props<Facts, Key extends string> {
  columns: readonly Column<Facts, Key>[];
  /** What the rows are, in the plural. */
  nouns: string;
  /** Null while the order is not a column's, as in a search. */
  sort: Sort<Key> | null;
  onSort: (key: Key) => void;
  selectedCount: number;
  allShown: boolean;
  onSelectShown: (selected: boolean) => void;
}

/** Names of the columns; those the server can order by are buttons. */
export function ListHead<Facts, Key extends string>(props: Props<Facts, Key>) {
  const { columns, nouns, sort, onSort, selectedCount, allShown, onSelectShown } = props;
  return (
    <div role="row" className={classes.head} aria-rowindex={1} tabIndex={-1}>
      <span role="columnheader" className={classes.cell} tabIndex={-1}>
        <input
          type="checkbox"
          className={classes.check}
          aria-label={`Select the ${nouns} in view`}
          checked={allShown}
          ref={(box) => {
            if (box !== null) box.indeterminate = !allShown && selectedCount > 0;
          }}
          onChange={(event) => onSelectShown(event.currentTarget.checked)}
        />
      </span>
      {columns.map(({ id, label, sort: key, end }) => {
        const sorted = key !== undefined && sort?.key === key;
        return (
          <span
            role="columnheader"
            tabIndex={-1}
            key={id}
            className={classes.cell}
            data-end={end || undefined}
            aria-sort={sorted ? (sort.order === 'asc' ? 'ascending' : 'descending') : undefined}
          >
            {key === undefined || sort === null ? (
              label
            ) : (
              <UnstyledButton className={classes.sort} onClick={() => onSort(key)}>
                {label}
                {sorted && (sort.order === 'asc' ? <IconArrowUp size={12} /> : <IconArrowDown size={12} />)}
              </UnstyledButton>
            )}
          </span>
        );
      })}
    </div>
  );
}
