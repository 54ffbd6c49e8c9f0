import { recordAudit } from '../../audit/index.ts';
import type { Database, Executor, Transaction } from '../../platform/database/index.ts';
import { parseInput, SignalboxError } from '../../platform/errors/index.ts';
import { recordFeed } from '../../platform/feed/index.ts';
import type { Ids } from '../../platform/ids/ids.ts';
import type { TaskWrites } from '../task-writes.ts';
import { fireSchedule } from './fire-schedule.ts';
import {
  type CreateSchedule,
  createScheduleSchema,
  type Schedule,
  type UpdateSchedule,
  updateScheduleSchema,
} from './schedule.ts';
import {
  databaseNow,
  deleteSchedule,
  getSchedule,
  insertSchedule,
  isNameTaken,
  listSchedules,
  lockDueSchedules,
  lockSchedule,
  writeSchedule,
} from './schedule-store.ts';
import { checkTimes, nextTime, type ScheduleTimes } from './schedule-times.ts';

/** Schedules that one round fires in one transaction. */
const FIRED_AT_ONCE = 50;

export interface SchedulesParts {
  database: Database;
  ids: Ids;
  tasks: { within(tx: Transaction): TaskWrites };
  /** What time it is; by default the database says it, so that skewed hosts change nothing. */
  now?: (executor: Executor) => Promise<Date>;
}

/** Tasks that come again and again. */
export class Schedules {
  readonly #database: Database;
  readonly #ids: Ids;
  readonly #tasks: SchedulesParts['tasks'];
  readonly #now: (executor: Executor) => Promise<Date>;

  constructor(parts: SchedulesParts) {
    this.#database = parts.database;
    this.#ids = parts.ids;
    this.#tasks = parts.tasks;
    this.#now = parts.now ?? databaseNow;
  }

  /** @throws VALIDATION_FAILED, SCHEDULE_CRON_INVALID, SCHEDULE_TIMEZONE_UNKNOWN, SCHEDULE_EXISTS */
  async create(projectId: string, input: CreateSchedule, actor: string): Promise<Schedule> {
    const draft = parseInput(createScheduleSchema, input);
    return this.#database.transaction(async (tx) => {
      const nextRunAt = await this.#firstTime(tx, draft);
      const schedule = { ...draft, id: this.#ids.uuid(), nextRunAt, createdBy: actor };
      const made = await insertSchedule(tx, projectId, schedule);
      if (!made) throw new SignalboxError('SCHEDULE_EXISTS', { name: draft.name });
      await record(tx, made, 'create', actor, null);
      return made;
    });
  }

  /** @throws SCHEDULE_NOT_FOUND */
  async get(projectId: string, id: string): Promise<Schedule> {
    return found(id, await getSchedule(this.#database, projectId, id));
  }

  /** By name. */
  list(projectId: string, page: number, pageSize: number): Promise<{ items: Schedule[]; total: number }> {
    return listSchedules(this.#database, projectId, pageSize, (page - 1) * pageSize);
  }

  /**
   * What is left out stays. The next time is reckoned anew from now when the expression, the zone or `enabled` changes: times
   * that went by while it was disabled are not made up for.
   * @throws SCHEDULE_NOT_FOUND, OPTIMISTIC_LOCK, SCHEDULE_EXISTS, SCHEDULE_CRON_INVALID, SCHEDULE_TIMEZONE_UNKNOWN
   */
  async update(
    projectId: string,
    id: string,
    version: number,
    input: UpdateSchedule,
    actor: string,
  ): Promise<Schedule> {
    const changes = parseInput(updateScheduleSchema, input);
    return this.#database.transaction(async (tx) => {
      const before = found(id, await lockSchedule(tx, projectId, id));
      if (before.version !== version) throw stale(before, version);
      const wanted = { ...before, ...(changes as Partial<Schedule>) };
      if (await isNameTaken(tx, projectId, wanted.name, id)) {
        throw new SignalboxError('SCHEDULE_EXISTS', { name: wanted.name });
      }
      const sameTimes = (['cron', 'timezone', 'enabled'] as const).every((field) => wanted[field] === before[field]);
      const nextRunAt = sameTimes ? before.nextRunAt : await this.#firstTime(tx, wanted);
      const after = await writeSchedule(tx, { ...wanted, nextRunAt });
      if (!after) throw stale(before, version);
      await record(tx, after, 'update', actor, version);
      return after;
    });
  }

  /** Its tasks stay. @throws SCHEDULE_NOT_FOUND, OPTIMISTIC_LOCK */
  async delete(projectId: string, id: string, version: number, actor: string): Promise<void> {
    await this.#database.transaction(async (tx) => {
      const schedule = found(id, await lockSchedule(tx, projectId, id));
      if (!(await deleteSchedule(tx, projectId, id, version))) throw stale(schedule, version);
      await record(tx, schedule, 'delete', actor, version);
    });
  }

  /**
   * Fires what is due in any project, each time exactly once however many nodes do this: the schedule's row is held, and the
   * task carries the time as its idempotency key. Answers how many schedules were looked at; a full round may have left some.
   */
  async fireDue(limit: number = FIRED_AT_ONCE): Promise<number> {
    return this.#database.transaction(
      async (tx) => {
        const now = await this.#now(tx);
        const due = await lockDueSchedules(tx, now, limit);
        for (const { schedule, busy } of due) {
          await fireSchedule(tx, this.#tasks.within(tx), { schedule, busy, now });
        }
        return due.length;
      },
      { retries: 3 },
    );
  }

  async #firstTime(tx: Transaction, schedule: ScheduleTimes & { enabled: boolean }): Promise<string | null> {
    const now = await this.#now(tx);
    checkTimes(schedule, now);
    return schedule.enabled ? (nextTime(schedule, now)?.toISOString() ?? null) : null;
  }
}

function found(id: string, schedule: Schedule | null): Schedule {
  if (!schedule) throw new SignalboxError('SCHEDULE_NOT_FOUND', { id });
  return schedule;
}

function stale({ id, version }: Schedule, received: number): SignalboxError {
  return new SignalboxError('OPTIMISTIC_LOCK', { noun: 'schedule', id, expected: version, received });
}

async function record(
  tx: Transaction,
  schedule: Schedule,
  verb: 'create' | 'update' | 'delete',
  actor: string,
  before: number | null,
): Promise<void> {
  const { id, projectId, name, cron, timezone, enabled, version } = schedule;
  await recordAudit(tx, projectId, {
    actor,
    action: `schedule.${verb}`,
    subjectType: 'schedule',
    subjectId: id,
    versionBefore: before,
    versionAfter: verb === 'delete' ? null : version,
    details: { name, cron, timezone, enabled },
  });
  await recordFeed(tx, projectId, 'schedule', { scheduleId: id, change: `${verb}d`, version });
}
