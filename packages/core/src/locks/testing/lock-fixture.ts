import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { type Bus, InProcessBus, openBus } from '../../platform/bus/index.ts';
import { type Clock, systemClock } from '../../platform/clock/clock.ts';
import { type Database, PgDatabase } from '../../platform/database/index.ts';
import { systemIds } from '../../platform/ids/ids.ts';
import { createLogger } from '../../platform/logging/index.ts';
import { describeOnBackends, insertTestProject, type TestDatabase } from '../../testing/index.ts';
import type { LockObserver } from '../lock-observer.ts';
import type { LockPolicy } from '../lock-request.ts';
import { Locks } from '../locks.ts';

export interface NodeOptions {
  clock?: Clock;
  policy?: Partial<LockPolicy>;
  observer?: LockObserver;
  /** Lines of the log, parsed. */
  log?: Record<string, unknown>[];
  /** False: hears no hints of other nodes, so that only its own looks can explain what it learns. Default true. */
  hints?: boolean;
  /** In place of its own; closed by whoever gave it. */
  bus?: Bus;
  database?: Database;
}

/** One database, and as many nodes on it as a test wants: each with a pool, a bus and a {@link Locks} of its own. */
export class LockFixture {
  readonly database: Database;
  readonly projectId: string;
  readonly #db: TestDatabase;
  readonly #closers: (() => Promise<void>)[] = [];
  /** On PGlite all nodes are in this process. */
  readonly #shared = new InProcessBus();
  #nodes = 0;

  private constructor(db: TestDatabase, projectId: string) {
    this.#db = db;
    this.database = db.database;
    this.projectId = projectId;
  }

  static async open(db: TestDatabase): Promise<LockFixture> {
    return new LockFixture(db, await insertTestProject(db.database));
  }

  /** A node of its own; on PGlite, which has one connection, it shares the database. */
  node({
    policy,
    observer,
    log,
    hints = true,
    bus: givenBus,
    database: given,
    clock = systemClock,
  }: NodeOptions = {}): Locks {
    const { connectionString } = this.#db;
    const own = connectionString && !given ? new PgDatabase({ kind: 'server', pool: { connectionString } }) : null;
    const database = given ?? own ?? this.database;
    this.#nodes += 1;
    const parts = { database, clock };
    const onError = (error: unknown) => {
      throw error;
    };
    const heard = () =>
      connectionString ? openBus({ ...parts, nodeId: `node-${this.#nodes}`, onError }) : this.#shared;
    const bus = givenBus ?? (hints ? heard() : new InProcessBus());
    const logger = createLogger({
      level: 'info',
      destination: { write: (line: string) => void log?.push(JSON.parse(line)) },
    });
    const locks = new Locks({ ...parts, ids: systemIds, bus, logger, policy, observer });
    this.#closers.push(async () => {
      await locks.close();
      if (bus !== this.#shared && bus !== givenBus) await bus.close();
      await own?.close();
    });
    return locks;
  }

  /** What stands in the tables, for this project. */
  async rows(): Promise<{ holdings: number; waiters: number }> {
    const text = `SELECT (SELECT count(*)::int FROM lock_holdings WHERE project_id = $1) AS holdings,
      (SELECT count(*)::int FROM lock_waiters WHERE project_id = $1) AS waiters`;
    const [row] = await this.database.query<{ holdings: number; waiters: number }>({ name: '', text }, [
      this.projectId,
    ]);
    return row ?? { holdings: -1, waiters: -1 };
  }

  /** Resolves once so many requests stand in the queues. */
  async queued(count: number): Promise<void> {
    const until = Date.now() + 20_000;
    while ((await this.rows()).waiters !== count) {
      if (Date.now() > until) throw new Error(`there are ${(await this.rows()).waiters} waiters, not ${count}`);
      await sleep(5);
    }
  }

  async close(): Promise<void> {
    for (const close of this.#closers.reverse()) await close();
  }
}

/** Runs tests of locks on both backends, with a fresh project and two nodes for each. */
export function describeLocks(title: string, body: (nodes: () => LockNodes) => void): void {
  describeOnBackends(title, (backend) => {
    let db: TestDatabase;
    let nodes: LockNodes;
    beforeAll(async () => {
      db = await backend.open();
    });
    afterAll(() => db.close());
    beforeEach(async () => {
      const fixture = await LockFixture.open(db);
      const { projectId, database } = fixture;
      nodes = { fixture, projectId, database, here: fixture.node(), there: fixture.node() };
    });
    afterEach(() => nodes.fixture.close());
    body(() => nodes);
  });
}

export interface LockNodes {
  fixture: LockFixture;
  projectId: string;
  database: Database;
  here: Locks;
  there: Locks;
}
