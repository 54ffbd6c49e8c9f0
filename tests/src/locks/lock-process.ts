import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { AcquireOptions } from '@signalbox/core';
import type { LockEvent } from './lock-history.ts';
import type { LockAnswer, LockCommand } from './lock-worker.ts';

const WORKER = fileURLToPath(new URL('./lock-worker.ts', import.meta.url));

/** What an acquisition in another process came to. */
export interface Acquired {
  /** Milliseconds of the machine's monotonic clock. */
  at: number;
  token: number | null;
  code: string | null;
}

/** A real process that uses locks. */
export class LockProcess {
  readonly name: string;
  readonly events: LockEvent[] = [];
  readonly #child: ChildProcess;
  readonly #answers: LockAnswer[] = [];
  readonly #listeners = new Set<() => void>();
  #calls = 0;

  private constructor(name: string, child: ChildProcess) {
    this.name = name;
    this.#child = child;
    if (!child.stdout) throw new Error('the worker has no output');
    createInterface({ input: child.stdout }).on('line', (line) => this.#hear(line));
  }

  /** Resolves when the process takes commands. */
  static async start(name: string, connectionString: string, projectId: string): Promise<LockProcess> {
    const args = ['--conditions=source', WORKER, connectionString, projectId, name];
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    const process_ = new LockProcess(name, child);
    await process_.#answer((answer) => 'ready' in answer);
    return process_;
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  /** Answers once the other process has the lock or an error; `lost` tells a loss later on. */
  acquire(resource: string, options: AcquireOptions = {}): { call: string; done: Promise<Acquired> } {
    this.#calls += 1;
    const call = `${this.name}-${this.#calls}`;
    this.#say({ do: 'acquire', call, resource, options });
    const done = this.#answer((answer) => 'call' in answer && answer.call === call && !('lost' in answer)).then(
      (answer) => {
        if (!('call' in answer)) throw new Error('another answer was expected');
        return {
          at: answer.at,
          token: 'token' in answer ? answer.token : null,
          code: 'code' in answer ? answer.code : null,
        };
      },
    );
    return { call, done };
  }

  async release(call: string): Promise<boolean> {
    this.#say({ do: 'release', call });
    const answer = await this.#answer((one) => 'released' in one && one.call === call);
    return 'released' in answer && answer.released;
  }

  /** Resolves when the process was told that it lost the lock of that call. */
  async lost(call: string): Promise<void> {
    await this.#answer((answer) => 'lost' in answer && answer.call === call);
  }

  load(command: Omit<Extract<LockCommand, { do: 'load' }>, 'do' | 'worker'>): void {
    this.#say({ do: 'load', worker: this.name, ...command });
  }

  /** Lets what is under way end. */
  async rest(): Promise<void> {
    this.#say({ do: 'rest' });
    await this.#answer((answer) => 'resting' in answer);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** SIGKILL; resolves when the process is gone. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }

  #say(command: LockCommand): void {
    this.#child.stdin?.write(`${JSON.stringify(command)}\n`);
  }

  #hear(line: string): void {
    const answer = JSON.parse(line) as LockAnswer;
    if ('event' in answer) this.events.push(answer.event);
    else this.#answers.push(answer);
    for (const listener of [...this.#listeners]) listener();
  }

  #answer(which: (answer: LockAnswer) => boolean): Promise<LockAnswer> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = this.#answers.find(which);
        if (!found) return;
        this.#listeners.delete(look);
        this.#child.off('exit', fail);
        resolve(found);
      };
      const fail = () => {
        this.#listeners.delete(look);
        reject(new Error(`the process ${this.name} ended before it answered`));
      };
      this.#listeners.add(look);
      this.#child.once('exit', fail);
      look();
    });
  }
}
