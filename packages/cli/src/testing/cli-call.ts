import { EventEmitter } from 'node:events';
import { Readable, Writable } from 'node:stream';
import type { Io } from '../io.ts';
import { main } from '../main.ts';
import { type CliOptions, type CliResult, CliRun } from './cli-run.ts';

/** A `signalbox` in our own process, with input, outputs, environment and signals of its own: to start a process takes a second, a command milliseconds. */
export class CliCall extends CliRun {
  readonly result: Promise<CliResult>;
  readonly #signals = new EventEmitter();

  constructor(args: readonly string[], options: CliOptions = {}) {
    super();
    const io: Io = Object.assign(this.#signals, {
      stdin: Readable.from([]),
      stdout: this.#output('stdout'),
      stderr: this.#output('stderr'),
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...options.env },
      cwd: () => options.cwd ?? process.cwd(),
    });
    this.result = main(args, io).then((code) => this.ended(code));
  }

  override get pid(): number {
    return process.pid;
  }

  override kill(signal: NodeJS.Signals): void {
    this.#signals.emit(signal);
  }

  #output(stream: 'stdout' | 'stderr'): Writable {
    return new Writable({
      decodeStrings: false,
      write: (chunk: Buffer | string, _encoding, done) => {
        this.heard(stream, chunk);
        done();
      },
    });
  }
}

/** Runs a command in our own process until it ends. */
export function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  return new CliCall(args, options).result;
}
