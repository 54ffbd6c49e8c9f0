import { HalfOpenProxy } from '@signalbox/core/testing';
import { JsonProcess } from '../../processes/json-process.ts';
import { machineTime } from './part.ts';
import type { Death, Span } from './queue-history.ts';
import type { PartName } from './queue-parts.ts';
import type { WorkerPart } from './queue-worker.ts';

/** A place in which one worker process after another lives, behind a proxy of its own. */
export class WorkerSlot {
  readonly deaths: Death[] = [];
  /** When its workers were stopped or cut off. */
  readonly faults: (Span & { worker: string })[] = [];
  readonly #proxy: HalfOpenProxy;
  readonly #script: string;
  readonly #part: WorkerPart;
  #process: JsonProcess<never, object> | null = null;
  #lives = 0;
  /** Stopped, or cut off: another fault does not come on top of it. */
  #busy = false;
  #since = 0;

  private constructor(proxy: HalfOpenProxy, script: string, part: WorkerPart) {
    this.#proxy = proxy;
    this.#script = script;
    this.#part = part;
  }

  /** @param script all parts, joined */
  static async open(script: string, part: WorkerPart): Promise<WorkerSlot> {
    const url = new URL(part.connectionString);
    const proxy = await HalfOpenProxy.to(Number(url.port));
    url.hostname = '127.0.0.1';
    url.port = String(proxy.port);
    const slot = new WorkerSlot(proxy, script, { ...part, connectionString: url.href });
    await slot.#start();
    return slot;
  }

  get free(): boolean {
    return !this.#busy;
  }

  /** When its worker was started, or its last fault was over. */
  get since(): number {
    return this.#since;
  }

  /** Name of the worker that lives here now. */
  get worker(): string {
    return this.#process?.name ?? '';
  }

  /** SIGKILL; another one takes its place at once. */
  async kill(): Promise<void> {
    await this.#alone(async () => {
      await this.#die();
      await this.#start();
    });
  }

  /** Stands still for so long and goes on. */
  async stop(ms: number): Promise<void> {
    await this.#fault(async () => {
      this.#process?.signal('SIGSTOP');
      await pause(ms);
      this.#process?.signal('SIGCONT');
    });
  }

  /** Its connections go half-open; after so long it may make new ones. */
  async cutOff(ms: number): Promise<void> {
    await this.#fault(async () => {
      this.#proxy.darken();
      await pause(ms);
      this.#proxy.light();
    });
  }

  async close(): Promise<void> {
    await this.#process?.kill();
    await this.#proxy.close();
  }

  async #alone(fault: () => Promise<void>): Promise<void> {
    this.#busy = true;
    try {
      await fault();
    } finally {
      this.#since = machineTime();
      this.#busy = false;
    }
  }

  async #fault(fault: () => Promise<void>): Promise<void> {
    const { worker } = this;
    const from = machineTime();
    await this.#alone(fault);
    this.faults.push({ worker, from, to: machineTime() });
  }

  async #die(): Promise<void> {
    const process = this.#process;
    if (!process) return;
    const at = machineTime();
    await process.kill();
    this.deaths.push({ worker: process.name, at });
  }

  async #start(): Promise<void> {
    this.#lives += 1;
    const name = `${this.#part.name}.${this.#lives}`;
    const args = [JSON.stringify({ ...this.#part, name }), 'worker' satisfies PartName];
    this.#process = new JsonProcess({ name, script: this.#script, args });
    await this.#process.answer((answer) => 'ready' in answer);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
