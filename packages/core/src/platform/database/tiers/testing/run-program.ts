import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('./tier-program.ts', import.meta.url));

export interface ProgramLine {
  event: string;
  kind?: string;
  version?: string;
  adopted?: boolean;
  notice?: string | null;
  pid?: number;
  ms?: number;
  rows?: number;
  code?: string;
  message?: string;
}

/** A running `tier-program.ts`; its process leads a group of its own. */
export class Program {
  readonly child: ChildProcess;
  readonly #lines: ProgramLine[] = [];
  readonly #waiting: ((line: ProgramLine | null) => void)[] = [];
  #ended = false;
  #errors = '';

  constructor(dataDir: string, options: { embedded?: string; uid?: number; gid?: number } = {}) {
    // PGlite is WebAssembly: to compile it well takes longer than tests run.
    const node = ['--liftoff-only', '--conditions=source'];
    const args = [...node, PROGRAM, dataDir, ...(options.embedded ? [options.embedded] : [])];
    this.child = spawn(process.execPath, args, {
      cwd: '/',
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(options.uid !== undefined && { uid: options.uid, gid: options.gid }),
    });
    const { stdout, stderr } = this.child;
    if (!stdout || !stderr) throw new Error('The program has no output.');
    stderr.on('data', (chunk: Buffer) => {
      this.#errors += chunk.toString();
    });
    const reader = createInterface({ input: stdout });
    reader.on('line', (line) => this.#deliver(JSON.parse(line) as ProgramLine));
    reader.on('close', () => {
      this.#ended = true;
      for (const resolve of this.#waiting.splice(0)) resolve(null);
    });
  }

  /** The next line it prints; rejects when it ends without one. */
  async next(): Promise<ProgramLine> {
    const line =
      this.#lines.shift() ??
      (this.#ended ? null : await new Promise<ProgramLine | null>((resolve) => this.#waiting.push(resolve)));
    if (!line) throw new Error(`The program ended: ${this.#errors}`);
    return line;
  }

  /** Sends a request and gives the next line. */
  ask(request: string): Promise<ProgramLine> {
    this.child.stdin?.write(`${request}\n`);
    return this.next();
  }

  /** Signals the whole group, as a terminal's Ctrl-C does. */
  signalGroup(signal: NodeJS.Signals): void {
    if (this.child.pid !== undefined) process.kill(-this.child.pid, signal);
  }

  /** Kills it without any chance to clean up, and waits until it is gone. */
  async kill(): Promise<void> {
    const exited = this.exited();
    this.child.kill('SIGKILL');
    await exited;
  }

  /** Exit code; null after a signal. */
  async exited(): Promise<number | null> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return this.child.exitCode;
    const [code] = (await once(this.child, 'exit')) as [number | null];
    return code;
  }

  #deliver(line: ProgramLine): void {
    const resolve = this.#waiting.shift();
    if (resolve) resolve(line);
    else this.#lines.push(line);
  }
}
