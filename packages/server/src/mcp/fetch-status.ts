import {
  SESSION_RUN,
  type Session,
  sessionStatusSchema,
  type Task,
  taskStatusSchema,
  uuidSchema,
} from '@signalbox/core';
import { z } from 'zod';
import { getSession, listSessions } from '../contract/sessions.ts';
import { getTask, listTasks } from '../contract/tasks.ts';
import { READS, tool } from './tool.ts';

const statusSchema = z.object({
  kind: z.enum(['session', 'task']),
  id: z.string(),
  /** What it is about: the session's title, the task's type. */
  title: z.string(),
  status: z.union([sessionStatusSchema, taskStatusSchema]),
  priority: z.int(),
  sessionId: z.string().nullable(),
  idempotencyKey: z.string().nullable(),
  /** Older entries with the same key, which are left out. */
  repeated: z.int(),
  progress: z.json().nullable(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
export type Status = z.infer<typeof statusSchema>;

/** CTL-033. */
export const fetchStatus = tool({
  name: 'fetch_status',
  title: 'See sessions and tasks',
  description:
    'What is going on: the newest sessions and tasks, each piece of work once. Of those with one idempotency key the newest is shown, and `repeated` counts the others; the task that runs a session is not shown beside it.',
  input: z.strictObject({
    sessionId: uuidSchema.optional().describe('This session alone.'),
    taskId: uuidSchema.optional().describe('This task alone.'),
    idempotencyKey: z.string().min(1).max(255).optional(),
    limit: z.int().min(1).max(100).default(20),
  }),
  output: z.object({ items: z.array(statusSchema), more: z.boolean() }),
  annotations: READS,
  run: async ({ sessionId, taskId, idempotencyKey, limit }, caller) => {
    const only = sessionId !== undefined || taskId !== undefined;
    if (only) {
      const session = sessionId && (await caller.run(getSession, { params: { id: sessionId } }));
      const task = taskId && (await caller.run(getTask, { params: { id: taskId } }));
      return { items: eachOnce(session ? [session as Session] : [], task ? [task as Task] : []), more: false };
    }
    const query = { pageSize: '100', sortBy: 'createdAt', sortOrder: 'desc' };
    const keyed: Record<string, string> = idempotencyKey === undefined ? {} : { idempotencyKey };
    const [sessions, tasks] = (await Promise.all([
      caller.run(listSessions, { query }),
      caller.run(listTasks, { query: { ...query, ...keyed } }),
    ])) as [{ items: Session[]; hasNext: boolean }, { items: Task[]; hasNext: boolean }];
    const items = eachOnce(sessions.items, tasks.items).filter(
      (item) => idempotencyKey === undefined || item.idempotencyKey === idempotencyKey,
    );
    return { items: items.slice(0, limit), more: items.length > limit || sessions.hasNext || tasks.hasNext };
  },
});

/** Newest first. A session names its key in `metadata.idempotencyKey`, or has that of the task it serves. */
export function eachOnce(sessions: readonly Session[], tasks: readonly Task[]): Status[] {
  const shown = new Set(sessions.map(({ id }) => id));
  const keys = new Map(tasks.map(({ id, idempotencyKey }) => [id, idempotencyKey]));
  const all = [
    ...sessions.map((session) => ofSession(session, keys.get(session.taskId ?? '') ?? null)),
    ...tasks.filter((task) => task.type !== SESSION_RUN || !shown.has(task.sessionId ?? '')).map(ofTask),
  ].sort((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt));
  const newest = new Map<string, Status>();
  for (const status of all) {
    const key = status.idempotencyKey === null ? `id ${status.id}` : `key ${status.idempotencyKey}`;
    const first = newest.get(key);
    if (first) first.repeated += 1;
    else newest.set(key, status);
  }
  return [...newest.values()];
}

function ofSession(session: Session, keyOfTask: string | null): Status {
  const { id, title, status, priority, createdAt, updatedAt, metadata } = session;
  const named = typeof metadata.idempotencyKey === 'string' ? metadata.idempotencyKey : null;
  return {
    kind: 'session',
    id,
    title,
    status,
    priority,
    sessionId: id,
    idempotencyKey: named ?? keyOfTask,
    repeated: 0,
    progress: null,
    createdAt,
    updatedAt,
  };
}

function ofTask(task: Task): Status {
  const { id, type, status, priority, sessionId, idempotencyKey, progress, createdAt, updatedAt } = task;
  return {
    kind: 'task',
    id,
    title: type,
    status,
    priority,
    sessionId,
    idempotencyKey,
    repeated: 0,
    progress,
    createdAt,
    updatedAt,
  };
}
