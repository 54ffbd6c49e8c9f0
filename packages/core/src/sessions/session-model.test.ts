import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeOnBackends } from '../testing/index.ts';
import { canTransition, isActive, SESSION_STATUSES, type SessionStatus } from './session-status.ts';
import { codeOf, openFixture, type SessionFixture } from './testing/session-fixture.ts';

/** What a session should look like after what was done to it. */
interface Model {
  status: SessionStatus;
  attempt: number;
  version: number;
  retryable: boolean | null;
  deleted: boolean;
  title: string;
  checkpoints: number;
  /** Statuses gone through, as the feed should tell them. */
  path: string[];
  retries: number;
}

interface Real {
  f: SessionFixture;
  id: string;
}

const MAX_RETRIES = 2;

/** One verb: whether the model says it may be done, what it does, and how to ask for it. */
abstract class Step implements fc.AsyncCommand<Model, Real> {
  abstract may(model: Model): boolean;
  abstract apply(model: Model): void;
  abstract call(real: Real, model: Model): Promise<unknown>;
  abstract toString(): string;

  check(): boolean {
    return true;
  }

  async run(model: Model, real: Real): Promise<void> {
    const may = this.may(model);
    const code = await codeOf(this.call(real, model));
    expect(code === null, `${this} of a ${model.deleted ? 'deleted ' : ''}${model.status} session: ${code}`).toBe(may);
    if (may) this.apply(model);
    await compare(model, real);
  }
}

/** What is stored must be what the model says, after every step, done or refused. */
async function compare(model: Model, { f, id }: Real): Promise<void> {
  const session = await f.sessions.get(f.projectId, id, { includeDeleted: true, include: ['metrics'] });
  if (!session?.metrics) throw new Error('the session is gone');
  const { status, attempt, version, retryable, title } = session;
  const found = { status, attempt, version, retryable, title, deleted: session.deletedAt !== null };
  const { checkpoints, path, retries, ...expected } = model;
  expect(found).toEqual(expected);
  const { metrics } = session;
  expect([metrics.checkpointCount, metrics.retryCount]).toEqual([checkpoints, retries]);
  expect(metrics.endedAt !== null).toBe(!isActive(status));
  expect(metrics.pausedAt !== null).toBe(status === 'paused');
  expect(await f.audit(id)).toHaveLength(version);
  const told = (await f.news(id)).filter((one) => one.change === 'status');
  expect(told.map((one) => `${one.oldStatus} ${one.status}`)).toEqual(path);
}

class Move extends Step {
  readonly verb: 'start' | 'pause' | 'resume' | 'degrade' | 'stop' | 'cancel' | 'orphan' | 'timeout' | 'expire';
  constructor(verb: Move['verb']) {
    super();
    this.verb = verb;
  }
  static readonly TARGETS: Record<Move['verb'], SessionStatus> = {
    start: 'running',
    pause: 'paused',
    resume: 'running',
    degrade: 'degraded',
    stop: 'stopped',
    cancel: 'cancelled',
    orphan: 'orphaned',
    timeout: 'timeout',
    expire: 'expired',
  };
  static readonly SOURCES: Partial<Record<Move['verb'], SessionStatus[]>> = {
    start: ['pending', 'queued'],
    resume: ['paused', 'degraded'],
  };
  may(model: Model) {
    const from = Move.SOURCES[this.verb] ?? SESSION_STATUSES;
    return !model.deleted && from.includes(model.status) && canTransition(model.status, Move.TARGETS[this.verb]);
  }
  apply(model: Model) {
    enter(model, Move.TARGETS[this.verb]);
  }
  call({ f, id }: Real) {
    return f.sessions[this.verb](f.projectId, id, 'tester');
  }
  toString() {
    return this.verb;
  }
}

class SetStatus extends Step {
  readonly to: SessionStatus;
  constructor(to: SessionStatus) {
    super();
    this.to = to;
  }
  may(model: Model) {
    return !model.deleted && canTransition(model.status, this.to);
  }
  apply(model: Model) {
    enter(model, this.to);
  }
  call({ f, id }: Real) {
    return f.sessions.update(f.projectId, id, { status: this.to }, 'tester');
  }
  toString() {
    return `set to ${this.to}`;
  }
}

class Finish extends Step {
  readonly partial: boolean;
  constructor(partial: boolean) {
    super();
    this.partial = partial;
  }
  may(model: Model) {
    return !model.deleted && canTransition(model.status, 'completed');
  }
  apply(model: Model) {
    enter(model, this.partial ? 'partially_completed' : 'completed');
  }
  call({ f, id }: Real) {
    return f.sessions.complete(f.projectId, id, { partial: this.partial }, 'tester');
  }
  toString() {
    return this.partial ? 'complete in part' : 'complete';
  }
}

class Fail extends Step {
  readonly retryable: boolean;
  constructor(retryable: boolean) {
    super();
    this.retryable = retryable;
  }
  may(model: Model) {
    return !model.deleted && canTransition(model.status, 'failed');
  }
  apply(model: Model) {
    enter(model, 'failed');
    model.retryable = this.retryable;
  }
  call({ f, id }: Real) {
    return f.sessions.fail(f.projectId, id, { error: 'x', retryable: this.retryable }, 'tester');
  }
  toString() {
    return `fail${this.retryable ? '' : ' for good'}`;
  }
}

class Retry extends Step {
  may(model: Model) {
    const { deleted, status, retryable, attempt } = model;
    return !deleted && canTransition(status, 'pending', true) && retryable !== false && attempt <= MAX_RETRIES;
  }
  apply(model: Model) {
    enter(model, 'pending');
    model.attempt += 1;
    model.retries += 1;
    model.retryable = null;
  }
  call({ f, id }: Real) {
    return f.sessions.retry(f.projectId, id, {}, 'tester');
  }
  toString() {
    return 'retry';
  }
}

class Rename extends Step {
  readonly stale: boolean;
  constructor(stale: boolean) {
    super();
    this.stale = stale;
  }
  may(model: Model) {
    return !model.deleted && !this.stale;
  }
  apply(model: Model) {
    model.title = `Title ${model.version}`;
    model.version += 1;
  }
  call({ f, id }: Real, model: Model) {
    const version = this.stale ? model.version - 1 : model.version;
    return f.sessions.update(f.projectId, id, { title: `Title ${model.version}` }, 'tester', { version });
  }
  toString() {
    return this.stale ? 'rename with a stale version' : 'rename';
  }
}

class Checkpoint extends Step {
  may(model: Model) {
    return !model.deleted && model.status !== 'expired';
  }
  apply(model: Model) {
    model.checkpoints += 1;
  }
  call({ f, id }: Real) {
    return f.sessions.addCheckpoint(f.projectId, id, { data: {} });
  }
  toString() {
    return 'checkpoint';
  }
}

class Remove extends Step {
  may() {
    return true;
  }
  apply(model: Model) {
    if (model.deleted) return;
    const version = model.version + 1;
    if (isActive(model.status) && model.status !== 'pending') enter(model, 'cancelled');
    model.version = version;
    model.deleted = true;
  }
  call({ f, id }: Real) {
    return f.sessions.delete(f.projectId, id, 'tester');
  }
  toString() {
    return 'delete';
  }
}

class Restore extends Step {
  may() {
    return true;
  }
  apply(model: Model) {
    if (model.deleted) model.version += 1;
    model.deleted = false;
  }
  call({ f, id }: Real) {
    return f.sessions.restore(f.projectId, id, 'tester');
  }
  toString() {
    return 'restore';
  }
}

function enter(model: Model, status: SessionStatus): void {
  model.path.push(`${model.status} ${status}`);
  model.status = status;
  model.version += 1;
}

/** Ways out of a terminal status are drawn more often than ways into one for good, or most walks would soon stand still. */
const move = (...verbs: Move['verb'][]) => fc.constantFrom(...verbs).map((verb) => new Move(verb));
const retry = fc.constant(new Retry());
const start = move('start');
const steps = [
  start,
  start,
  start,
  move('pause', 'resume', 'degrade'),
  move('pause', 'resume', 'degrade'),
  move('orphan', 'timeout'),
  move('stop', 'cancel', 'expire'),
  fc.constantFrom(...SESSION_STATUSES).map((status) => new SetStatus(status)),
  fc.boolean().map((partial) => new Finish(partial)),
  fc.constantFrom(true, true, true, false).map((retryable) => new Fail(retryable)),
  fc.constantFrom(true, true, true, false).map((retryable) => new Fail(retryable)),
  retry,
  retry,
  retry,
  fc.boolean().map((stale) => new Rename(stale)),
  fc.constant(new Checkpoint()),
  fc.constant(new Remove()),
  fc.constant(new Restore()),
  fc.constant(new Restore()),
];

describeOnBackends('a session against its model', (backend) => {
  let f: SessionFixture;
  beforeAll(async () => {
    f = await openFixture(backend);
  });
  afterAll(() => f.db.close());

  // Titles repeat between runs; creators do not.
  let creators = 0;
  it('whatever is done to it, in whatever order, it is as the model says', { timeout: 240_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.commands(steps, { maxCommands: 25, size: 'max' }), async (commands) => {
        creators += 1;
        const { id, title } = await f.make({ maxRetries: MAX_RETRIES, createdBy: `creator ${creators}` });
        const model: Model = {
          status: 'pending',
          attempt: 1,
          version: 1,
          retryable: null,
          deleted: false,
          title,
          checkpoints: 0,
          path: [],
          retries: 0,
        };
        await fc.asyncModelRun(() => ({ model, real: { f, id } }), commands);
      }),
      { numRuns: 40 },
    );
  });
});
