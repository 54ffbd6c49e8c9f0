import { systemClock } from '../../platform/clock/clock.ts';
import { statement } from '../../platform/database/index.ts';
import { SignalboxError } from '../../platform/errors/index.ts';
import { systemIds } from '../../platform/ids/ids.ts';
import { Projects } from '../../projects/index.ts';
import { type Claim, SESSION_QUEUE, TaskQueue } from '../../tasks/index.ts';
import type { TestBackend, TestDatabase } from '../../testing/index.ts';
import { Workspaces } from '../../workspaces/index.ts';
import type { CreateSession, Session } from '../session.ts';
import type { SessionParts } from '../session-parts.ts';
import type { SessionStatus } from '../session-status.ts';
import { createSessions, type Sessions } from '../sessions.ts';

/** The room over real parts on a database of its own. */
export interface SessionFixture {
  db: TestDatabase;
  sessions: Sessions;
  /** What the room was made of. */
  parts: SessionParts;
  workspaces: Workspaces;
  tasks: TaskQueue;
  projectId: string;
  otherProjectId: string;
  /** A live pending session with a title of its own. */
  make(input?: Partial<CreateSession>): Promise<Session>;
  /** A session brought to that status by the verbs, caller-driven. */
  makeIn(status: SessionStatus, input?: Partial<CreateSession>): Promise<Session>;
  /** Claims the runs that wait, as a runner does. */
  claimRuns(): Promise<Claim[]>;
  /** Runs SQL past the room, as an operator at a prompt might. */
  sql<Row = Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** What the change feed holds of a session, in order. */
  news(sessionId?: string): Promise<Record<string, unknown>[]>;
  /** The audit rows of a session, in order. */
  audit(sessionId: string): Promise<Record<string, unknown>[]>;
}

export async function openFixture(backend: TestBackend): Promise<SessionFixture> {
  const db = await backend.open();
  const { database } = db;
  const ids = systemIds;
  const tasks = new TaskQueue({ database, ids });
  const workspaces = new Workspaces({ database, ids });
  const parts = { database, clock: systemClock, ids, tasks, workspaces };
  const sessions = createSessions(parts);
  const projects = new Projects({ database, ids });
  const { id: projectId } = await projects.ensureDefault();
  const { id: otherProjectId } = await projects.create({ slug: 'other', name: 'Other' }, 'tester');
  let made = 0;

  const make = (input: Partial<CreateSession> = {}) => {
    made += 1;
    return sessions.create(projectId, { title: `Work no. ${made}`, initialPrompt: 'do it', ...input }, 'tester');
  };
  const sql = <Row>(text: string, values: readonly unknown[] = []) =>
    database.query<Row>(statement('test', text), values);

  return {
    db,
    sessions,
    parts,
    workspaces,
    tasks,
    projectId,
    otherProjectId,
    make,
    claimRuns: () =>
      tasks.claimOfAllProjects({
        agent: 'agent',
        queues: [SESSION_QUEUE],
        types: null,
        able: [],
        limit: 10,
        leaseSeconds: 30,
      }),
    sql,
    async makeIn(status, input) {
      const { id } = await make(input);
      for (const step of WAY_TO[status]) {
        await walk(sessions, projectId, id, step);
      }
      const session = await sessions.get(projectId, id);
      if (session?.status !== status) throw new Error(`the session is ${session?.status}, not ${status}`);
      return session;
    },
    async news(sessionId) {
      const rows = await sql<{ payload: Record<string, unknown> }>(
        `SELECT payload FROM feed_entries WHERE topic = 'session' ORDER BY id`,
      );
      const all = rows.map((row) => row.payload);
      return sessionId === undefined ? all : all.filter((one) => one.sessionId === sessionId);
    },
    audit: (sessionId) => sql('SELECT * FROM audit_events WHERE subject_id = $1 ORDER BY id', [sessionId]),
  };
}

/** The statuses on the way from `pending`. */
const WAY_TO: Readonly<Record<SessionStatus, readonly SessionStatus[]>> = {
  pending: [],
  queued: ['queued'],
  running: ['running'],
  paused: ['running', 'paused'],
  degraded: ['running', 'degraded'],
  completed: ['running', 'completed'],
  partially_completed: ['running', 'partially_completed'],
  failed: ['running', 'failed'],
  timeout: ['running', 'timeout'],
  stopped: ['running', 'stopped'],
  cancelled: ['cancelled'],
  orphaned: ['running', 'orphaned'],
  expired: ['expired'],
};

async function walk(sessions: Sessions, projectId: string, id: string, status: SessionStatus): Promise<void> {
  await sessions.update(projectId, id, { status }, 'tester');
}

/** The code of the error a call ends with, or null when it succeeds. Other errors are thrown on. */
export async function codeOf(call: Promise<unknown>): Promise<string | null> {
  try {
    await call;
    return null;
  } catch (error) {
    if (SignalboxError.is(error)) return error.code;
    throw error;
  }
}
