import { MultiSelect } from '@mantine/core';
import classes from './filter-bar.module.css';

interface Props<Status extends string> {
  statuses: readonly Status[];
  looks: Readonly<Record<Status, { label: string }>>;
  /** As it stands in the address: names with commas between. */
  value: string | undefined;
  onChange: (value: string) => void;
}

/** Narrows a list to some statuses. */
export function StatusFilter<Status extends string>({ statuses, looks, value, onChange }: Props<Status>) {
  const chosen = value === undefined || value === '' ? [] : value.split(',');
  return (
    <MultiSelect
      aria-label="Status"
      placeholder={chosen.length === 0 ? 'Status' : ''}
      data={statuses.map((status) => ({ value: status, label: looks[status].label }))}
      value={chosen}
      onChange={(values) => onChange(values.join(','))}
      size="xs"
      clearable
      className={classes.several}
    />
  );
}
