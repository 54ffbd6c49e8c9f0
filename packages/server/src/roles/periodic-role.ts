import type { PeriodicJob } from './periodic-job.ts';
import type { Role } from './role.ts';

/** Something that is done again and again. */
export type Recurring = Pick<PeriodicJob, 'name' | 'failure' | 'start' | 'stop'>;

/** A role that consists of periodic jobs. */
export class PeriodicRole implements Role {
  readonly name: Role['name'];
  readonly #jobs: readonly Recurring[];

  constructor(name: Role['name'], jobs: readonly Recurring[]) {
    this.name = name;
    this.#jobs = jobs;
  }

  start(): void {
    for (const job of this.#jobs) job.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#jobs.map((job) => job.stop()));
  }

  report(): ReturnType<Role['report']> {
    const failed = this.#jobs.filter((job) => job.failure !== null);
    if (failed.length === 0) return { status: 'ok', reason: null };
    return { status: 'degraded', reason: failed.map((job) => `${job.name}: ${job.failure}`).join('; ') };
  }
}
