import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gitText } from '../../../workspaces/index.ts';
import { Composition, treeEdits, type UndoStep, VirtualTree } from '../trees/index.ts';

export interface TestFile {
  mode: string;
  content: string;
}
export type TestFiles = Record<string, TestFile>;

const EMPTY = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

/** A bare store with a composition over it, and trees made out of plain data. */
export class TreeRoom {
  readonly composition: Composition;
  readonly #directory: string;

  private constructor(composition: Composition, directory: string) {
    this.composition = composition;
    this.#directory = directory;
  }

  static async open(options: { batch?: boolean } = {}): Promise<TreeRoom> {
    const directory = await mkdtemp(join(tmpdir(), 'signalbox-tree-room-'));
    await gitText(['init', '--quiet', '--bare', directory], { cwd: directory });
    return new TreeRoom(await Composition.open(directory, options), directory);
  }

  async close(): Promise<void> {
    await this.composition.close();
    await rm(this.#directory, { recursive: true, force: true });
  }

  async tree(files: TestFiles): Promise<string> {
    const tree = new VirtualTree(this.composition.cache, EMPTY);
    for (const [path, { mode, content }] of Object.entries(files)) {
      await tree.set(path, { mode, oid: this.composition.store.write('blob', Buffer.from(content, 'latin1')) });
    }
    return tree.write();
  }

  async files(tree: string): Promise<TestFiles> {
    const files: TestFiles = {};
    for (const { path, after } of await treeEdits(this.composition.cache, EMPTY, tree)) {
      if (!after) continue;
      files[path] = { mode: after.mode, content: (await this.composition.read(after.oid)).toString('latin1') };
    }
    return files;
  }

  async step(beforeTree: string, afterTree: string, position = 1): Promise<UndoStep> {
    const edits = await treeEdits(this.composition.cache, beforeTree, afterTree);
    const named = edits.map((edit) => ({ changeId: `${position}`, ...edit }));
    return { position, beforeTree, afterTree, whole: true, edits: named };
  }
}
