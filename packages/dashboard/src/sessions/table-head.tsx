// biome-ignore-all lint/a11y/useSemanticElements: rows of a virtual list are placed by transform, which rows of a table do not take
import { UnstyledButton } from '@mantine/core';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { COLUMNS } from './columns.tsx';
import { nextSort, type SessionFilters, sortOf, sortText } from './session-filters.ts';
import classes from './session-table.module.css';

interface Props {
  filters: SessionFilters;
  onSort: (filters: SessionFilters) => void;
  selectedCount: number;
  allShown: boolean;
  onSelectShown: (selected: boolean) => void;
}

/** Names of the columns; those the server can order by are buttons. A search is ordered by how well it fits. */
export function TableHead({ filters, onSort, selectedCount, allShown, onSelectShown }: Props) {
  const sort = sortOf(filters);
  const searching = filters.q !== undefined;
  return (
    <div role="row" className={classes.head} aria-rowindex={1} tabIndex={-1}>
      <span role="columnheader" className={classes.cell} tabIndex={-1}>
        <input
          type="checkbox"
          className={classes.check}
          aria-label="Select the sessions in view"
          checked={allShown}
          ref={(box) => {
            if (box !== null) box.indeterminate = !allShown && selectedCount > 0;
          }}
          onChange={(event) => onSelectShown(event.currentTarget.checked)}
        />
      </span>
      {COLUMNS.map(({ id, label, sort: key, end }) => {
        const sorted = key !== undefined && !searching && sort.key === key;
        return (
          <span
            role="columnheader"
            tabIndex={-1}
            key={id}
            className={classes.cell}
            data-end={end || undefined}
            aria-sort={sorted ? (sort.order === 'asc' ? 'ascending' : 'descending') : undefined}
          >
            {key === undefined || searching ? (
              label
            ) : (
              <UnstyledButton
                className={classes.sort}
                onClick={() => onSort({ ...filters, sort: sortText(nextSort(sort, key)) })}
              >
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
