import { type ChildProcess, spawn } from 'node:child_process';
import { type CliOptions, type CliResult, CliRun } from './cli-run.ts';
import { PROGRAM } from './program.ts';

export interface CliProcessOptions extends CliOptions {
  /** A file that both of its outputs go into, as by `> file 2>&1`. */
  into?: string;
}

/** A `signalbox` in a process of its own, for what only a process shows: signals, pipes, locks between processes. */
export class CliProcess extends CliRun {
  readonly result: Promise<CliResult>;
  readonly #child: ChildProcess;

  constructor(args: readonly string[], options: CliProcessOptions = {}) {
    super();
    const command = [...PROGRAM, ...args];
    const [program = '', ...rest] =
      options.into === undefined ? command : ['sh', '-c', 'exec "$@" >"$0" 2>&1', options.into, ...command];
    const child = spawn(program, rest, {
      cwd: options.cwd,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout?.on('data', (chunk: Buffer) => this.heard('stdout', chunk));
    child.stderr?.on('data', (chunk: Buffer) => this.heard('stderr', chunk));
    this.#child = child;
    this.result = new Promise((resolve) => {
      child.once('close', (code) => resolve(this.ended(code)));
    });
  }

  override get pid(): number {
    if (this.#child.pid === undefined) throw new Error('it was not started');
    return this.#child.pid;
  }

  override kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }
}
