import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemIds } from '../platform/ids/ids.ts';
import { describeOnBackends, expireTestClaim, insertTestProject, type TestDatabase } from '../testing/index.ts';
import { type Claim, TaskQueue } from './index.ts';
import { FAILURE_POLICIES } from './task-graph.ts';
import { isOver, type ModelTask, TaskModel } from './testing/task-model.ts';

const LIMITED = 'limited';
const MOST_OF_LIMITED = 2;

const policy = fc.constantFrom(...FAILURE_POLICIES);
/** A pick among whatever there is by then. */
const pick = fc.nat(1_000);
const unique = fc.option(
  fc.record({ key: fc.constantFrom('k1', 'k2'), while: fc.constantFrom<'queued' | 'live'>('queued', 'live') }),
  { freq: 2 },
);
const queueName = fc.constantFrom('free', LIMITED);
const operation = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      verb: fc.constant('enqueue' as const),
      queue: queueName,
      maxAttempts: fc.integer({ min: 1, max: 3 }),
      unique,
      dependsOn: fc.array(fc.record({ on: pick, policy }), { maxLength: 3 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      verb: fc.constant('claim' as const),
      queue: queueName,
      limit: fc.integer({ min: 1, max: 3 }),
      prefetch: fc.boolean(),
    }),
  },
  {
    weight: 7,
    arbitrary: fc.record({
      verb: fc.constantFrom('complete', 'complete', 'complete', 'release', 'begin', 'lose'),
      claim: pick,
    }),
  },
  { weight: 3, arbitrary: fc.record({ verb: fc.constant('fail' as const), claim: pick, retryable: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      verb: fc.constant('decompose' as const),
      claim: pick,
      count: fc.integer({ min: 1, max: 3 }),
      chained: fc.boolean(),
      policy,
      afterwards: fc.constantFrom<'resume' | 'complete'>('resume', 'complete'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ verb: fc.constant('cancel' as const), task: pick }) },
  { weight: 2, arbitrary: fc.record({ verb: fc.constant('addDependency' as const), task: pick, on: pick, policy }) },
  { weight: 2, arbitrary: fc.record({ verb: fc.constant('redrive' as const), task: pick }) },
);
type Operation = typeof operation extends fc.Arbitrary<infer O> ? O : never;

describeOnBackends('task state machine', (backend) => {
  let opened: TestDatabase;
  beforeAll(async () => {
    opened = await backend.open();
  });
  afterAll(() => opened.close());

  const sql = (text: string, values: unknown[] = []) =>
    opened.database.query<Record<string, unknown>>({ name: '', text }, values);

  /** The queue and the model side by side, in a project of their own. */
  class Pair {
    readonly #queue = new TaskQueue({ database: opened.database, ids: systemIds, random: () => 0 });
    readonly #model = new TaskModel();
    readonly #project: string;
    readonly #ids = new Map<ModelTask, string>();
    readonly #claims: { claim: Claim; task: ModelTask; token: number }[] = [];

    constructor(project: string) {
      this.#project = project;
    }

    async apply(step: Operation): Promise<void> {
      switch (step.verb) {
        case 'enqueue':
          return this.#enqueue(step);
        case 'claim':
          return this.#claim(step);
        case 'cancel':
          return this.#cancel(step.task);
        case 'addDependency':
        case 'redrive':
          return this.#refusable(step);
        default:
          return this.#withClaim(step);
      }
    }

    /** As the reaper does after a second. */
    async #writeOut(): Promise<void> {
      await sql('SELECT sb_tasks_write_out(ARRAY(SELECT token FROM task_leases WHERE NOT written))');
      for (const task of this.#model.tasks) task.lent = false;
    }

    async close(): Promise<void> {
      await this.#queue.close();
    }

    #idOf(task: ModelTask): string {
      return this.#ids.get(task) ?? '';
    }

    #task(place: number): ModelTask | undefined {
      return this.#model.tasks[place % Math.max(1, this.#model.tasks.length)];
    }

    async #enqueue({ queue, maxAttempts, unique, dependsOn }: Operation & { verb: 'enqueue' }): Promise<void> {
      const on = dependsOn.flatMap(({ on, policy }) => {
        const task = this.#task(on);
        return task ? [{ on: task, policy }] : [];
      });
      const distinct = on.filter((one, place) => on.findIndex((other) => other.on === one.on) === place);
      const before = this.#model.tasks.length;
      const task = this.#model.enqueue({ queue, maxAttempts, unique, dependsOn: distinct });
      const receipt = await this.#queue.enqueue(this.#project, {
        type: 'work',
        queue,
        maxAttempts,
        unique,
        dependsOn: distinct.map((one) => ({ taskId: this.#idOf(one.on), onFailure: one.policy })),
      });
      expect(receipt.created).toBe(this.#model.tasks.length > before);
      if (receipt.created) this.#ids.set(task, receipt.taskId);
      expect(receipt).toMatchObject({ taskId: this.#idOf(task), status: task.lent ? 'queued' : task.status });
    }

    async #claim({ queue, limit, prefetch }: Operation & { verb: 'claim' }): Promise<void> {
      const live = this.#model.tasks.filter(
        (task) => task.queue === queue && (task.status === 'claimed' || task.status === 'running'),
      );
      const ready = this.#model.tasks.filter((task) => task.queue === queue && task.status === 'queued');
      const room = queue === LIMITED ? MOST_OF_LIMITED - live.length : Number.POSITIVE_INFINITY;
      const claims = await this.#queue.claim(this.#project, {
        agent: 'a',
        queues: [queue],
        types: null,
        able: [],
        limit,
        leaseSeconds: 600,
        prefetch,
      });
      expect(claims).toHaveLength(Math.min(limit, ready.length, room));
      for (const claim of claims) {
        const task = ready.find((one) => this.#idOf(one) === claim.taskId);
        if (!task) throw new Error('something was claimed that is not queued');
        this.#model.claim(task, prefetch && queue !== LIMITED);
        expect(claim).toMatchObject({ attempt: task.attempt, failures: task.failures });
        this.#claims.push({ claim, task, token: task.token });
      }
    }

    async #withClaim(step: Exclude<Operation, { verb: 'enqueue' | 'claim' | 'cancel' | 'addDependency' | 'redrive' }>) {
      // Mostly the latest ones: most of the older claims are over.
      const held = this.#claims.at(-1 - (step.claim % Math.max(1, Math.min(6, this.#claims.length))));
      if (!held) return;
      const { claim, task, token } = held;
      const standing = task.token === token && (task.status === 'claimed' || task.status === 'running');
      if (step.verb === 'lose') {
        if (!standing) return;
        await this.#writeOut();
        this.#model.lose(task);
        await expireTestClaim(opened.database, { taskId: claim.taskId });
        const lost = await opened.database.transaction((tx) => this.#queue.within(tx).reap());
        expect(lost).toMatchObject([{ taskId: claim.taskId, status: task.status }]);
        return;
      }
      const done = this.#do(step, claim, task);
      if (!standing) {
        await expect(done.real()).rejects.toMatchObject({ code: 'CLAIM_LOST' });
        return;
      }
      await done.real();
      done.model();
    }

    #do(
      step: Exclude<Operation, { verb: 'enqueue' | 'claim' | 'cancel' | 'addDependency' | 'redrive' }>,
      claim: Claim,
      task: ModelTask,
    ): { real: () => Promise<unknown>; model: () => void } {
      const queue = this.#queue;
      switch (step.verb) {
        case 'fail': {
          const failure = { name: 'E', message: 'm', retryable: step.retryable };
          return { real: () => queue.fail(claim, failure, 0), model: () => this.#model.fail(task, step.retryable) };
        }
        case 'decompose': {
          const names = Array.from({ length: step.count }, (_, n) => n);
          const children = names.map((n) => ({
            ref: `c${n}`,
            type: 'work',
            maxAttempts: 1,
            ...(step.chained && n > 0 ? { dependsOn: [{ ref: `c${n - 1}` }] } : {}),
          }));
          const { afterwards, policy: onFailure, chained } = step;
          let made: { taskId: string }[] = [];
          return {
            real: async () => {
              made = await queue.decompose(claim, children, { onFailure, afterwards });
            },
            model: () => {
              const given = names.map(() => ({ queue: task.queue, maxAttempts: 1, unique: null }));
              const resumeAs = afterwards === 'complete' ? 'completed' : 'queued';
              const tasks = this.#model.decompose(task, given, onFailure, resumeAs, chained);
              for (const [n, child] of tasks.entries()) this.#ids.set(child, made[n]?.taskId ?? '');
            },
          };
        }
        case 'begin':
          return {
            real: () => queue.begin(claim),
            model: () => {
              Object.assign(task, { status: 'running', lent: false });
            },
          };
        case 'release':
          return { real: () => queue.release(claim), model: () => this.#model.release(task) };
        default:
          return { real: () => queue.complete(claim, 1), model: () => this.#model.complete(task) };
      }
    }

    async #cancel(place: number): Promise<void> {
      const task = this.#task(place);
      if (!task) return;
      const cancelled = this.#queue.cancel(this.#project, this.#idOf(task), 'somebody');
      if (isOver(task.status)) {
        await expect(cancelled).rejects.toMatchObject({ code: 'TASK_INVALID_TRANSITION' });
        return;
      }
      await cancelled;
      this.#model.cancel(task);
    }

    async #refusable(step: Operation & { verb: 'addDependency' | 'redrive' }): Promise<void> {
      const task = this.#task(step.task);
      const on = step.verb === 'addDependency' ? this.#task(step.on) : task;
      if (!task || !on) return;
      const real =
        step.verb === 'redrive'
          ? this.#queue.deadLetters.redrive(this.#project, this.#idOf(task), 'somebody')
          : this.#queue.addDependencies(this.#project, this.#idOf(task), [
              { taskId: this.#idOf(on), onFailure: step.policy },
            ]);
      const answered = await real.then(
        () => null,
        (error: { code: string }) => error.code,
      );
      const expected =
        step.verb === 'redrive' ? this.#model.redrive(task) : this.#model.addDependency(task, on, step.policy);
      expect(answered).toBe(expected);
    }

    /** The whole of what is stored is what the model says, and the narrow tables say the same as the tasks. */
    async compare(): Promise<void> {
      await this.#writeOut();
      const { tasks, keys } = this.#model;
      const idsOf = (which: (task: ModelTask) => boolean) =>
        tasks
          .filter(which)
          .map((task) => this.#idOf(task))
          .sort();
      const column = async (text: string) => (await sql(text, [this.#project])).map((row) => String(row.id)).sort();
      const live = ({ status }: ModelTask) => status === 'claimed' || status === 'running';

      const rows = await sql('SELECT id, status, attempt, failures FROM tasks WHERE project_id = $1', [this.#project]);
      const stored = new Map(rows.map(({ id, ...rest }) => [id, rest]));
      const said = tasks.map(({ status, attempt, failures }) => ({ status, attempt, failures }));
      expect(tasks.map((task) => stored.get(this.#idOf(task)))).toEqual(said);
      expect(stored.size).toBe(tasks.length);

      expect(await column('SELECT task_id AS id FROM task_ready WHERE project_id = $1')).toEqual(
        idsOf(({ status }) => status === 'queued'),
      );
      expect(await column('SELECT task_id AS id FROM task_waiting WHERE project_id = $1')).toEqual(
        idsOf(({ status }) => status === 'waiting'),
      );
      expect(await column('SELECT task_id AS id FROM task_dead_letters WHERE project_id = $1')).toEqual(
        idsOf(({ status }) => status === 'dead' || status === 'failed'),
      );
      expect(await column('SELECT task_id AS id FROM task_slots WHERE project_id = $1')).toEqual(
        idsOf((task) => live(task) && task.queue === LIMITED),
      );
      expect(
        await column(`SELECT t.id FROM tasks t JOIN task_leases l ON l.token = t.claim_token AND t.id = ANY (l.task_ids)
          WHERE t.project_id = $1 AND t.status IN ('claimed', 'running')`),
      ).toEqual(idsOf(live));
      const held = await sql('SELECT key, task_id FROM task_unique_keys WHERE project_id = $1', [this.#project]);
      expect(new Map(held.map((row) => [row.key, row.task_id]))).toEqual(
        new Map([...keys].map(([key, task]) => [key, this.#idOf(task)])),
      );
      expect(
        await column(
          `SELECT concat_ws(' ', task_id, depends_on, on_failure, child, state) AS id FROM task_dependencies WHERE project_id = $1`,
        ),
      ).toEqual(
        tasks
          .flatMap((task) =>
            task.edges.map(({ on, policy, child, state }) =>
              [this.#idOf(task), this.#idOf(on), policy, child ? 't' : 'f', state].join(' '),
            ),
          )
          .sort(),
      );
      // Nobody waits for nothing: a waiting task has something open, and that is not over.
      for (const task of tasks.filter(({ status }) => status === 'waiting')) {
        const open = task.edges.filter(({ state }) => state === 'open');
        expect(open.length).toBeGreaterThan(0);
        expect(open.every(({ on }) => !isOver(on.status))).toBe(true);
      }
    }
  }

  test('does what the model does, whatever comes in whatever order', { timeout: 600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { minLength: 20, maxLength: 60, size: 'max' }), async (steps) => {
        const project = await insertTestProject(opened.database);
        await sql('INSERT INTO task_queues (project_id, name, max_concurrent) VALUES ($1, $2, $3)', [
          project,
          LIMITED,
          MOST_OF_LIMITED,
        ]);
        const pair = new Pair(project);
        for (const [place, step] of steps.entries()) {
          await pair.apply(step);
          // Not each time: comparing writes prefetched claims out.
          if (place % 3 === 2) await pair.compare();
        }
        await pair.compare();
        await pair.close();
      }),
      { numRuns: backend.name === 'postgres' ? 40 : 3 },
    );
  });
});
