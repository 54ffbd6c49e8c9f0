import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { git, spawnGit } from '../../../workspaces/index.ts';
import { type MergedTrees, readMerge, readSingleMerge } from './merge-answer.ts';
import type { ScratchStore } from './scratch-store.ts';

/** How long a git that merges in batches may take to show that it answers at once. */
const PROBE_MS = 10_000;

/**
 * Git's own merge (ort, renames on, default settings) of two commits with a common parent, of trees alone: nothing is
 * checked out. One process for all where git has `--stdin` (2.39), else one for each.
 */
export class TreeMerger {
  readonly #store: ScratchStore;
  #batch: Promise<MergeBatch | null> | null;

  constructor(store: ScratchStore, options: { batch?: boolean } = {}) {
    this.#store = store;
    this.#batch = options.batch === false ? Promise.resolve(null) : null;
  }

  /** One at a time. */
  async merge(ours: string, theirs: string): Promise<MergedTrees> {
    this.#batch ??= MergeBatch.start(this.#store);
    const batch = await this.#batch;
    if (batch) return batch.merge(ours, theirs);
    const call = { ...this.#store.call, accepts: (code: number) => code <= 1 };
    const output = await git(['merge-tree', '--write-tree', '-z', ours, theirs], call);
    return readSingleMerge(output.toString('utf8'));
  }

  async close(): Promise<void> {
    (await this.#batch)?.close();
  }
}

/**
 * A `git merge-tree --stdin`. It keeps what it says of a clean merge to itself until it has more, or something to
 * complain of; so each question is followed by a merge that is known to conflict.
 */
class MergeBatch {
  readonly #git: ChildProcessWithoutNullStreams;
  readonly #conflicting: string;
  /** What git says of the merge that conflicts, word by word. */
  #known: string[] = [];
  #text = '';
  #complaint = '';
  #waiting: { take: (words: string[]) => boolean; reject: (error: Error) => void } | null = null;

  /** Null where this git has no such form, or does not answer at once. */
  static async start(store: ScratchStore): Promise<MergeBatch | null> {
    const batch = new MergeBatch(store);
    const late = setTimeout(() => batch.#git.kill(), PROBE_MS);
    try {
      batch.#known = await batch.#ask('', (words) => (words.length > 0 ? words : null));
      return batch;
    } catch {
      // What is wrong with git beyond that, the plain form says.
      return null;
    } finally {
      clearTimeout(late);
    }
  }

  private constructor(store: ScratchStore) {
    const commit = (text: string, parents: string[]) => {
      const blob = store.write('blob', Buffer.from(text));
      const entry = Buffer.concat([Buffer.from('100644 a\0'), Buffer.from(blob, 'hex')]);
      return store.commit(store.write('tree', entry), parents);
    };
    const base = commit('base\n', []);
    this.#conflicting = `${commit('ours\n', [base])} ${commit('theirs\n', [base])}\n`;
    this.#git = spawnGit(['merge-tree', '--write-tree', '--stdin'], store.call);
    this.#git.stdout.setEncoding('utf8');
    this.#git.stdout.on('data', (text: string) => this.#take(text));
    this.#git.stderr.on('data', (data: Buffer) => {
      this.#complaint += data.toString('utf8');
    });
    // A write into a git that is gone is told by its end.
    this.#git.stdin.on('error', () => undefined);
    this.#git.on('error', (error) => this.#fail(error));
    this.#git.on('close', () => this.#fail(new Error(`git merge-tree ended: ${this.#complaint.trim()}`)));
  }

  merge(ours: string, theirs: string): Promise<MergedTrees> {
    return this.#ask(`${ours} ${theirs}\n`, (words) => {
      const answer = readMerge(words, 0);
      return answer && words.length >= answer.next + this.#known.length ? answer.merged : null;
    });
  }

  close(): void {
    this.#git.stdin.end();
  }

  #ask<Answer>(question: string, read: (words: string[]) => Answer | null): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const take = (words: string[]) => {
        const answer = read(words);
        if (answer !== null) resolve(answer);
        return answer !== null;
      };
      this.#waiting = { take, reject };
      this.#git.stdin.write(question + this.#conflicting);
    });
  }

  #take(text: string): void {
    this.#text += text;
    if (!this.#text.endsWith('\0')) return;
    const words = this.#text.split('\0').slice(0, -1);
    // The word that ends an answer may come with the next one.
    if (words[0] === '') words.shift();
    if (!this.#waiting?.take(words)) return;
    this.#waiting = null;
    this.#text = '';
  }

  #fail(error: Error): void {
    this.#waiting?.reject(error);
    this.#waiting = null;
  }
}
