import type { ObjectReader } from './object-reader.ts';
import type { ScratchStore } from './scratch-store.ts';

/** An entry of one directory: `40000` is a directory itself. */
export interface TreeEntry {
  mode: string;
  oid: string;
}
export const DIRECTORY_MODE = '40000';

/** The tree without entries, which every git knows. */
export const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

/** Trees by their id, parsed once: neighbouring captures share nearly all of them. */
export class TreeCache {
  readonly #reader: ObjectReader;
  readonly #store: ScratchStore;
  readonly #trees = new Map<string, ReadonlyMap<string, TreeEntry>>();

  constructor(reader: ObjectReader, store: ScratchStore) {
    this.#reader = reader;
    this.#store = store;
    this.#trees.set(EMPTY_TREE, new Map());
  }

  async read(oid: string): Promise<ReadonlyMap<string, TreeEntry>> {
    const known = this.#trees.get(oid);
    if (known) return known;
    const tree = parseTree(await this.#reader.read(oid));
    this.#trees.set(oid, tree);
    return tree;
  }

  write(entries: ReadonlyMap<string, TreeEntry>): string {
    const oid = this.#store.write('tree', formatTree(entries));
    this.#trees.set(oid, entries);
    return oid;
  }

  /** What stands at a path of a tree; a directory included. */
  async find(tree: string, path: string): Promise<TreeEntry | null> {
    let oid = tree;
    const names = path.split('/');
    for (const [index, name] of names.entries()) {
      const entry = (await this.read(oid)).get(name);
      if (!entry) return null;
      if (index === names.length - 1) return entry;
      if (entry.mode !== DIRECTORY_MODE) return null;
      oid = entry.oid;
    }
    return null;
  }

  /** Whatever has this name in a tree, at any depth. */
  async named(tree: string, name: string): Promise<(TreeEntry & { path: string })[]> {
    const entries = [...(await this.read(tree))];
    const below = await Promise.all(
      entries.map(async ([at, entry]) => {
        if (at === name) return [{ path: at, ...entry }];
        if (entry.mode !== DIRECTORY_MODE) return [];
        return (await this.named(entry.oid, name)).map((found) => ({ ...found, path: `${at}/${found.path}` }));
      }),
    );
    return below.flat();
  }
}

function parseTree(content: Buffer): Map<string, TreeEntry> {
  const entries = new Map<string, TreeEntry>();
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(32, at);
    const end = content.indexOf(0, space);
    const mode = content.subarray(at, space).toString('latin1');
    const name = content.subarray(space + 1, end).toString('utf8');
    entries.set(name, { mode, oid: content.subarray(end + 1, end + 21).toString('hex') });
    at = end + 21;
  }
  return entries;
}

function formatTree(entries: ReadonlyMap<string, TreeEntry>): Buffer {
  const parts = [...entries].map(([name, entry]) => {
    // Git sorts a directory as if its name ended in a slash.
    const key = Buffer.from(entry.mode === DIRECTORY_MODE ? `${name}/` : name);
    return { key, head: Buffer.from(`${entry.mode} ${name}\0`), oid: Buffer.from(entry.oid, 'hex') };
  });
  parts.sort((a, b) => Buffer.compare(a.key, b.key));
  return Buffer.concat(parts.flatMap(({ head, oid }) => [head, oid]));
}
