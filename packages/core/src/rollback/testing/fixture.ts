import { pino } from 'pino';
import { ManualClock } from '../../platform/clock/manual-clock.ts';
import { type Database, statement } from '../../platform/database/index.ts';
import { type Ids, systemIds } from '../../platform/ids/ids.ts';
import { Projects } from '../../projects/index.ts';
import { createSessions, type Sessions } from '../../sessions/index.ts';
import { TaskQueue } from '../../tasks/index.ts';
import type { TestDatabase } from '../../testing/index.ts';
import { Workspaces } from '../../workspaces/index.ts';
import { isOver } from '../operations/operation-status.ts';
import type { RollbackOperation, StartRollback } from '../operations/rollback-operation.ts';
import type { StartOptions } from '../operations/rollback-operations.ts';
import type { RollbackPoint } from '../points/rollback-point.ts';
import { type GraphPort, graphPorts, type StatePort, sessionPort } from '../ports/index.ts';
import { Rollback, type RollbackRoomOptions } from '../rollback.ts';
import { ROLLBACK_EVENTS, type RollbackEvent } from '../rollback-events.ts';
import { GraphDouble } from './graph-double.ts';

/** The room in a project of its own, with a clock that stands still and a graph in memory. */
export interface RollbackFixture {
  rollback: Rollback;
  graph: GraphDouble;
  clock: ManualClock;
  sessions: Sessions;
  projectId: string;
  otherProjectId: string;
  /** The names of the events so far, in order. */
  events: { name: RollbackEvent; payload: unknown }[];
  named(name: RollbackEvent): unknown[];
  point(name?: string, input?: object): Promise<RollbackPoint>;
  /** Rolls back, and waits for the end while time passes by itself. */
  run(point: RollbackPoint, input?: StartRollback, options?: StartOptions): Promise<RollbackOperation>;
  /** Waits for the end of an operation while time passes by itself. */
  ended(operation: RollbackOperation): Promise<RollbackOperation>;
  /** Another room on the same database and graph, as after a restart. */
  restart(options?: Partial<RollbackRoomOptions>): Rollback;
  sql<Row = Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}

const STEP_MS = 250;

/** A project of its own on a database that tests share: opening one takes longer than most tests. */
export async function openRollbackFixture(
  { database }: Pick<TestDatabase, 'database'>,
  options: Partial<RollbackRoomOptions> & {
    morePorts?: (fixture: { sessions: Sessions }) => StatePort[];
    /** A graph in place of the one in memory. */
    openGraph?: (parts: { database: Database; clock: ManualClock; ids: Ids }) => GraphPort;
  } = {},
): Promise<RollbackFixture> {
  const { morePorts, openGraph, ...roomOptions } = options;
  const clock = new ManualClock();
  const graph = new GraphDouble();
  const ids = systemIds;
  const inUse = openGraph?.({ database, clock, ids }) ?? graph;
  const projects = new Projects({ database, ids });
  const newProject = async () => (await projects.create({ slug: `p${ids.uuid()}` }, 'tester')).id;
  const projectId = await newProject();
  const otherProjectId = await newProject();
  const tasks = new TaskQueue({ database, ids });
  const sessions = createSessions({ database, clock, ids, tasks, workspaces: new Workspaces({ database, ids }) });
  const rooms: Rollback[] = [];
  const make = (more: Partial<RollbackRoomOptions> = {}) => {
    const room = new Rollback({
      database,
      clock,
      ids,
      logger: pino({ level: 'silent' }),
      sessions,
      ports: [...graphPorts(inUse, database), sessionPort(sessions, database), ...(morePorts?.({ sessions }) ?? [])],
      nodeId: 'test',
      ...roomOptions,
      ...more,
    });
    rooms.push(room);
    return room;
  };
  const rollback = make();
  const events: RollbackFixture['events'] = [];
  for (const name of Object.values(ROLLBACK_EVENTS))
    rollback.events.on(name, (payload) => events.push({ name, payload }));

  const ended = async ({ id }: RollbackOperation) => {
    for (;;) {
      const operation = await rollback.operations.existing(projectId, id);
      if (isOver(operation.status)) return rollback.operations.wait(projectId, id);
      await clock.advance(STEP_MS);
    }
  };
  return {
    rollback,
    graph,
    clock,
    sessions,
    projectId,
    otherProjectId,
    events,
    named: (name) => events.filter((event) => event.name === name).map(({ payload }) => payload),
    point: (name = 'before', input = {}) => rollback.points.create(projectId, { name, ...input }, 'tester'),
    ended,
    run: async (point, input = {}, more = {}) =>
      ended(await rollback.operations.start(projectId, point.id, input, 'tester', more)),
    restart: make,
    sql: <Row>(text: string, values: readonly unknown[] = []) => database.query<Row>(statement('test', text), values),
    close: async () => {
      for (const room of rooms) await room.close();
      await tasks.close();
    },
  };
}
