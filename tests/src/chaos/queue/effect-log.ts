import type { ClaimRef, Core } from '@signalbox/core';
import { isPassing, machineTime } from './part.ts';
import type { Effect } from './queue-history.ts';

/** The statements that make it. */
export const EFFECTS_TABLE = [
  `CREATE TABLE effects (
    id uuid PRIMARY KEY, kind text NOT NULL, at double precision NOT NULL, task_id uuid NOT NULL, token bigint NOT NULL, worker text NOT NULL)`,
  'CREATE INDEX idx_effects_worker ON effects (worker, at)',
];

const INSERT = `INSERT INTO effects SELECT * FROM unnest($1::uuid[], $2::text[], $3::float8[], $4::uuid[], $5::bigint[], $6::text[])
  ON CONFLICT DO NOTHING`;
const RETRY_MS = 100;

interface Noted extends Effect {
  id: string;
  stored: () => void;
}

/** Appends what a worker did to a table, several effects at a time, and goes on trying for as long as the database is away. */
export class EffectLog {
  readonly #core: Core;
  readonly #worker: string;
  #pending: Noted[] = [];
  #storing = false;

  constructor(core: Core, worker: string) {
    this.#core = core;
    this.#worker = worker;
  }

  /** Resolves once it is stored. */
  note(kind: Effect['kind'], { taskId, token }: ClaimRef): Promise<void> {
    const at = machineTime();
    return new Promise((stored) => {
      this.#pending.push({ id: this.#core.ids.uuid(), kind, at, taskId, token, worker: this.#worker, stored });
      void this.#store();
    });
  }

  async #store(): Promise<void> {
    if (this.#storing) return;
    this.#storing = true;
    while (this.#pending.length > 0) {
      const some = this.#pending;
      this.#pending = [];
      await this.#insert(some);
      for (const { stored } of some) stored();
    }
    this.#storing = false;
  }

  /** Again with the same ids after an unknown outcome: so none stands there twice. */
  async #insert(some: readonly Noted[]): Promise<void> {
    const column = <K extends keyof Noted>(key: K) => some.map((one) => one[key]);
    const values = [column('id'), column('kind'), column('at'), column('taskId'), column('token'), column('worker')];
    for (;;) {
      try {
        await this.#core.database.query({ name: 'chaos.effects', text: INSERT }, values);
        return;
      } catch (error) {
        if (!isPassing(error)) throw error;
        await this.#core.clock.sleep(RETRY_MS);
      }
    }
  }
}
