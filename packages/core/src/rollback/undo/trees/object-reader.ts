import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { type GitCall, spawnGit } from '../../../workspaces/index.ts';

/** Reads objects through one `git cat-file --batch`; answers come in the order of the questions. */
export class ObjectReader {
  readonly #git: ChildProcessWithoutNullStreams;
  readonly #waiting: { oid: string; resolve: (content: Buffer) => void; reject: (error: Error) => void }[] = [];
  #buffers: Buffer[] = [];
  #length = 0;
  #needed = 0;
  #complaint = '';

  constructor(call: Omit<GitCall, 'input'>) {
    this.#git = spawnGit(['cat-file', '--batch'], call);
    this.#git.stdout.on('data', (data: Buffer) => this.#take(data));
    this.#git.stderr.on('data', (data: Buffer) => {
      this.#complaint += data.toString('utf8');
    });
    // A write into a git that is gone is told by its end.
    this.#git.stdin.on('error', () => undefined);
    this.#git.on('error', (error) => this.#fail(error));
    this.#git.on('close', () => this.#fail(new Error(`git cat-file ended: ${this.#complaint.trim()}`)));
  }

  /** The bytes of an object. Rejects when there is none. */
  read(oid: string): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ oid, resolve, reject });
      this.#git.stdin.write(`${oid}\n`);
    });
  }

  close(): void {
    this.#git.stdin.end();
  }

  #take(data: Buffer): void {
    this.#buffers.push(data);
    this.#length += data.length;
    while (this.#length >= this.#needed && this.#answerOne());
  }

  /** Whether a whole answer was there. */
  #answerOne(): boolean {
    const asked = this.#waiting[0];
    if (!asked || this.#length === 0) return false;
    const all = this.#buffers.length === 1 ? (this.#buffers[0] as Buffer) : Buffer.concat(this.#buffers);
    this.#buffers = [all];
    const lineEnd = all.indexOf(10);
    if (lineEnd < 0) return false;
    const [, type, size] = all.subarray(0, lineEnd).toString('utf8').split(' ');
    const missing = type === 'missing' || size === undefined;
    const end = missing ? lineEnd + 1 : lineEnd + 1 + Number(size) + 1;
    this.#needed = end;
    if (all.length < end) return false;
    this.#needed = 0;
    this.#buffers = [all.subarray(end)];
    this.#length = all.length - end;
    this.#waiting.shift();
    if (missing) asked.reject(new Error(`the store lacks the object ${asked.oid}`));
    else asked.resolve(all.subarray(lineEnd + 1, end - 1));
    return true;
  }

  #fail(error: Error): void {
    for (const asked of this.#waiting.splice(0)) asked.reject(error);
  }
}
