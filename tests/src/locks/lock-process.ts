import { fileURLToPath } from 'node:url';
import type { AcquireOptions } from '@signalbox/core';
import { JsonProcess } from '../processes/json-process.ts';
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
  readonly events: LockEvent[] = [];
  readonly #process: JsonProcess<LockCommand, LockAnswer>;
  #calls = 0;

  private constructor(name: string, connectionString: string, projectId: string) {
    const take = (answer: LockAnswer) => 'event' in answer && this.events.push(answer.event) > 0;
    this.#process = new JsonProcess({ name, script: WORKER, args: [connectionString, projectId, name], take });
  }

  /** Resolves when the process takes commands. */
  static async start(name: string, connectionString: string, projectId: string): Promise<LockProcess> {
    const process = new LockProcess(name, connectionString, projectId);
    await process.#process.answer((answer) => 'ready' in answer);
    return process;
  }

  get name(): string {
    return this.#process.name;
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Answers once the other process has the lock or an error; `lost` tells a loss later on. */
  acquire(resource: string, options: AcquireOptions = {}): { call: string; done: Promise<Acquired> } {
    this.#calls += 1;
    const call = `${this.name}-${this.#calls}`;
    this.#process.say({ do: 'acquire', call, resource, options });
    const mine = (answer: LockAnswer) => 'call' in answer && answer.call === call && !('lost' in answer);
    const done = this.#process.answer(mine).then((answer) => {
      if (!('call' in answer)) throw new Error('another answer was expected');
      return {
        at: answer.at,
        token: 'token' in answer ? answer.token : null,
        code: 'code' in answer ? answer.code : null,
      };
    });
    return { call, done };
  }

  async release(call: string): Promise<boolean> {
    this.#process.say({ do: 'release', call });
    const answer = await this.#process.answer((one) => 'released' in one && one.call === call);
    return 'released' in answer && answer.released;
  }

  /** Resolves when the process was told that it lost the lock of that call. */
  async lost(call: string): Promise<void> {
    await this.#process.answer((answer) => 'lost' in answer && answer.call === call);
  }

  load(command: Omit<Extract<LockCommand, { do: 'load' }>, 'do' | 'worker'>): void {
    this.#process.say({ do: 'load', worker: this.name, ...command });
  }

  /** Lets what is under way end. */
  async rest(): Promise<void> {
    this.#process.say({ do: 'rest' });
    await this.#process.answer((answer) => 'resting' in answer);
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.signal(signal);
  }

  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void> {
    return this.#process.kill();
  }
}
