import { FINAL_TASK_STATUSES, type TaskStatus } from '../task.ts';
import type { FailurePolicy, TaskDependency } from '../task-graph.ts';

export interface ModelEdge {
  on: ModelTask;
  policy: FailurePolicy;
  child: boolean;
  state: TaskDependency['state'];
}

export interface ModelTask {
  name: number;
  queue: string;
  status: TaskStatus;
  attempt: number;
  failures: number;
  maxAttempts: number;
  parent: ModelTask | null;
  unique: { key: string; while: 'queued' | 'live' } | null;
  resumeAs: 'queued' | 'completed';
  edges: ModelEdge[];
  /** The claim stands in its lease alone (prefetched). */
  lent: boolean;
  /** Grows with every claim and every loss of one. */
  token: number;
}

export type NewModelTask = Pick<ModelTask, 'queue' | 'maxAttempts' | 'unique'> & {
  parent?: ModelTask;
  dependsOn?: readonly { on: ModelTask; policy: FailurePolicy }[];
};

/** The state machine of tasks as it is promised, without a database: what tests compare the real one with. */
export class TaskModel {
  readonly tasks: ModelTask[] = [];
  readonly keys = new Map<string, ModelTask>();

  enqueue({ parent, dependsOn = [], ...given }: NewModelTask): ModelTask {
    const holder = given.unique && this.keys.get(given.unique.key);
    if (holder) return holder;
    const task: ModelTask = {
      ...given,
      name: this.tasks.length,
      status: dependsOn.length > 0 ? 'waiting' : 'queued',
      attempt: 0,
      failures: 0,
      parent: parent ?? null,
      resumeAs: 'queued',
      edges: [],
      lent: false,
      token: 0,
    };
    this.tasks.push(task);
    if (task.unique) this.keys.set(task.unique.key, task);
    this.#link(task, dependsOn, false);
    return task;
  }

  claim(task: ModelTask, prefetch = false): void {
    task.status = 'claimed';
    task.lent = prefetch;
    task.attempt += 1;
    task.token += 1;
    if (task.unique?.while === 'queued') this.#free(task);
  }

  complete(task: ModelTask): void {
    this.#become([task], 'completed');
  }

  fail(task: ModelTask, retryable: boolean): void {
    task.failures += 1;
    const left = task.failures < task.maxAttempts;
    const over = retryable && task.maxAttempts > 1 ? 'dead' : 'failed';
    this.#become([task], retryable && left ? 'queued' : over);
  }

  release(task: ModelTask): void {
    this.#become([task], 'queued');
  }

  lose(task: ModelTask): void {
    task.failures += 1;
    task.token += 1;
    this.#become([task], task.failures < task.maxAttempts ? 'queued' : 'dead');
  }

  cancel(task: ModelTask): void {
    const family = [task];
    for (const one of family)
      family.push(...this.tasks.filter(({ parent, status }) => parent === one && !isOver(status)));
    for (const one of family) {
      one.token += 1;
      // Nobody can know that it was claimed at all.
      if (one.lent) one.attempt -= 1;
    }
    this.#become(family, 'cancelled');
  }

  decompose(
    task: ModelTask,
    children: readonly Omit<NewModelTask, 'parent'>[],
    policy: FailurePolicy,
    resumeAs: ModelTask['resumeAs'],
    chained: boolean,
  ): ModelTask[] {
    Object.assign(task, { status: 'waiting', lent: false });
    for (const edge of task.edges) if (edge.state !== 'open') edge.state = 'past';
    task.resumeAs = resumeAs;
    const made: ModelTask[] = [];
    for (const child of children) {
      const last = made.at(-1);
      const dependsOn = chained && last ? [{ on: last, policy: 'fail' as const }] : [];
      made.push(this.enqueue({ ...child, parent: task, dependsOn }));
    }
    this.#link(
      task,
      made.map((on) => ({ on, policy })),
      true,
    );
    return made;
  }

  /** The code of the refusal, or null. */
  addDependency(task: ModelTask, on: ModelTask, policy: FailurePolicy): string | null {
    const above = [on];
    for (const one of above) for (const edge of one.edges) if (!above.includes(edge.on)) above.push(edge.on);
    if (above.includes(task)) return 'TASK_DEPENDENCY_CYCLE';
    if (task.status !== 'queued' && task.status !== 'waiting') return 'TASK_INVALID_TRANSITION';
    task.status = 'waiting';
    this.#link(task, [{ on, policy }], false);
    return null;
  }

  /** The code of the refusal, or null. */
  redrive(task: ModelTask): string | null {
    if (task.status !== 'dead' && task.status !== 'failed') return 'TASK_INVALID_TRANSITION';
    if (task.unique?.while === 'live' && this.keys.has(task.unique.key)) return 'TASK_DUPLICATE';
    if (task.unique?.while === 'live') this.keys.set(task.unique.key, task);
    Object.assign(task, { status: 'queued', failures: 0, resumeAs: 'queued' });
    for (const edge of task.edges) edge.state = isOver(edge.on.status) || edge.child ? 'past' : 'open';
    for (const other of this.tasks) {
      for (const edge of other.edges) {
        if (edge.on === task && other.status === 'waiting' && (edge.state === 'met' || edge.state === 'broken')) {
          edge.state = 'open';
        }
      }
    }
    if (task.edges.some(({ state }) => state === 'open')) task.status = 'waiting';
    else this.#take(task);
    return null;
  }

  #link(task: ModelTask, to: readonly { on: ModelTask; policy: FailurePolicy }[], child: boolean): void {
    if (to.length === 0) return;
    for (const { on, policy } of to) {
      const state = isOver(on.status) ? verdictOf(on.status, policy) : 'open';
      const known = task.edges.find((edge) => edge.on === on);
      if (known) Object.assign(known, { policy, state, child: known.child || child });
      else task.edges.push({ on, policy, child, state });
    }
    this.#decide([task]);
  }

  /** All at once: what becomes of these tasks, and of those that wait for them. */
  #become(tasks: readonly ModelTask[], status: TaskStatus): void {
    for (const task of tasks) Object.assign(task, { status, lent: false });
    for (const task of tasks) this.#follow(task);
    this.#decide(this.#mark(tasks));
  }

  #follow(task: ModelTask): void {
    if (isOver(task.status)) this.#free(task);
    else if (task.status === 'queued') this.#take(task);
  }

  #free(task: ModelTask): void {
    if (task.unique && this.keys.get(task.unique.key) === task) this.keys.delete(task.unique.key);
  }

  #take(task: ModelTask): void {
    if (task.unique?.while === 'queued' && !this.keys.has(task.unique.key)) this.keys.set(task.unique.key, task);
  }

  #mark(over: readonly ModelTask[]): ModelTask[] {
    return this.tasks.filter((task) => {
      const open = task.edges.filter(({ on, state }) => state === 'open' && over.includes(on) && isOver(on.status));
      for (const edge of open) edge.state = verdictOf(edge.on.status, edge.policy);
      return open.length > 0;
    });
  }

  #decide(dependents: readonly ModelTask[]): void {
    for (let look = dependents; look.length > 0; ) {
      const decided = look.filter((task) => {
        const verdict = task.status === 'waiting' ? verdictFor(task) : null;
        if (verdict) task.status = verdict;
        return verdict !== null;
      });
      for (const task of decided) this.#follow(task);
      look = this.#mark(decided);
    }
  }
}

export function isOver(status: TaskStatus): boolean {
  return FINAL_TASK_STATUSES.some((final) => final === status);
}

function verdictOf(status: TaskStatus, policy: FailurePolicy): 'met' | 'broken' {
  return status === 'completed' || policy === 'continue' ? 'met' : 'broken';
}

function verdictFor(task: ModelTask): TaskStatus | null {
  const broken = task.edges.filter(({ state }) => state === 'broken');
  const open = task.edges.filter(({ state }) => state === 'open');
  if (open.some(({ child }) => child) || (broken.length === 0 && open.length > 0)) return null;
  if (broken.length === 0) return task.resumeAs;
  return broken.some(({ policy }) => policy === 'fail') ? 'failed' : 'skipped';
}
