/** What every row stands for: something with an id, in a version. */
export interface Item {
  id: string;
}

/** A list as far as it is loaded. Rows not loaded yet are undefined; their places are known. */
export interface Rows<Each extends Item> {
  total: number;
  /** Nothing has been answered yet. */
  pending: boolean;
  /** What the list shows belongs to the question before this one. */
  stale: boolean;
  error: unknown;
  row(index: number): Each | undefined;
  /** The rows in view that are loaded. */
  inView(): Each[];
  /** Says which rows are in view, so that their pages are loaded. */
  view(first: number, last: number): void;
  /** Puts newer versions into the rows that are loaded, without changing their order. */
  patch(items: readonly Each[]): void;
  /** Reads the pages in view again, with their present order. Resolves when they are read. */
  refresh(): Promise<void>;
  retry(): void;
}

/** The order of a list: a column that the server can order by. */
export interface Sort<Key extends string = string> {
  key: Key;
  order: 'asc' | 'desc';
}

/** A click on a column: descending, ascending, and back. */
export function nextSort<Key extends string>(current: Sort<Key>, key: Key): Sort<Key> {
  if (current.key !== key) return { key, order: 'desc' };
  return { key, order: current.order === 'desc' ? 'asc' : 'desc' };
}
