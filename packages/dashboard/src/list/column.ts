import type { ReactNode } from 'react';

/** A column of a list; `Facts` is what is known of a row. */
export interface Column<Facts, Key extends string = string> {
  id: string;
  label: string;
  /** A track of the grid. */
  width: string;
  /** What the server calls it, where it can order by it. */
  sort?: Key;
  /** Numbers and times stand at the end of their column. */
  end?: boolean;
  cell: (facts: Facts) => ReactNode;
}
