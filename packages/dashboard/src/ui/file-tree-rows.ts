/** One line of a tree of files: a folder, or a file. */
export interface FileTreeRow<Item> {
  /** The path; a folder's ends in a slash. */
  key: string;
  /** What to show of the path here. Folders that hold nothing but one folder stand in one line with it. */
  name: string;
  /** From 1. */
  level: number;
  /** Null for a folder. */
  item: Item | null;
  /** The file itself, or all files below the folder. */
  below: readonly Item[];
  open: boolean;
  /** Its place, from 1, and how many there are, within its folder. */
  position: number;
  of: number;
}

interface Folder<Item> {
  folders: Map<string, Folder<Item>>;
  files: { name: string; item: Item }[];
}

/** Many times as fast as comparing texts by themselves. */
const NAMES = new Intl.Collator();

/**
 * Files as a tree, line by line: folders first, each in the order of names.
 * @param closed keys of folders whose content is left out.
 */
export function fileTreeRows<Item extends { path: string }>(
  items: readonly Item[],
  closed: ReadonlySet<string>,
): FileTreeRow<Item>[] {
  const root: Folder<Item> = { folders: new Map(), files: [] };
  for (const item of items) {
    const names = item.path.split('/');
    let folder = root;
    for (const name of names.slice(0, -1)) {
      const next = folder.folders.get(name) ?? { folders: new Map(), files: [] };
      folder.folders.set(name, next);
      folder = next;
    }
    folder.files.push({ name: names.at(-1) ?? item.path, item });
  }
  return rowsOf(root, '', 1, closed);
}

function rowsOf<Item>(folder: Folder<Item>, prefix: string, level: number, closed: ReadonlySet<string>) {
  const rows: FileTreeRow<Item>[] = [];
  const of = folder.folders.size + folder.files.length;
  let position = 0;
  for (const [first, start] of sorted(folder.folders)) {
    let name = first;
    let inner = start;
    for (let only = onlyFolder(inner); only !== null; only = onlyFolder(inner)) {
      name = `${name}/${only[0]}`;
      inner = only[1];
    }
    const key = `${prefix}${name}/`;
    const open = !closed.has(key);
    rows.push({ key, name: `${name}/`, level, item: null, below: allOf(inner), open, position: ++position, of });
    if (open) for (const row of rowsOf(inner, key, level + 1, closed)) rows.push(row);
  }
  const files = folder.files.toSorted((a, b) => NAMES.compare(a.name, b.name));
  for (const { name, item } of files) {
    rows.push({ key: `${prefix}${name}`, name, level, item, below: [item], open: false, position: ++position, of });
  }
  return rows;
}

function onlyFolder<Item>({ folders, files }: Folder<Item>): [string, Folder<Item>] | null {
  const [only] = folders;
  return files.length === 0 && folders.size === 1 && only !== undefined ? only : null;
}

function allOf<Item>({ folders, files }: Folder<Item>): Item[] {
  return [...sorted(folders).flatMap(([, inner]) => allOf(inner)), ...files.map(({ item }) => item)];
}

function sorted<Item>(folders: Map<string, Folder<Item>>): [string, Folder<Item>][] {
  return [...folders].sort(([a], [b]) => NAMES.compare(a, b));
}
