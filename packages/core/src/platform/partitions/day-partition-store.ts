import { type Executor, statement, type Transaction } from '../database/index.ts';

/** A table that is partitioned by day (UTC), and the column it is partitioned by. It has a partition `<table>_default`. */
export interface DayPartitioned {
  table: 'feed_entries' | 'audit_events';
  column: 'created_at' | 'at';
}

const DAY_MS = 86_400_000;
/** DDL that cannot have its lock soon gives up rather than hold all writers up behind it; it is tried again later. */
const LOCK_TIMEOUT = `SET LOCAL lock_timeout = '2s'`;

const list = statement(
  'partitions.list',
  `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = $1::regclass ORDER BY c.relname`,
);

/** The days that have a partition of their own, oldest first. */
export async function listDayPartitions(executor: Executor, { table }: DayPartitioned): Promise<Date[]> {
  const rows = await executor.query<{ name: string }>(list, [table]);
  return rows.flatMap(({ name }) => {
    const day = new RegExp(`^${table}_(\\d{4})(\\d\\d)(\\d\\d)$`).exec(name);
    return day ? [new Date(`${day[1]}-${day[2]}-${day[3]}T00:00:00Z`)] : [];
  });
}

/**
 * Makes the partitions for the day of `from` and the `days` - 1 after it; answers those made. A day whose rows have begun to
 * go to the default partition stays there: PostgreSQL makes no partition over rows that the default one holds.
 */
export async function makeDayPartitions(
  tx: Transaction,
  { table, column }: DayPartitioned,
  from: Date,
  days: number,
): Promise<Date[]> {
  await tx.query({ name: '', text: LOCK_TIMEOUT });
  const existing = new Set((await listDayPartitions(tx, { table, column })).map(Number));
  const made: Date[] = [];
  for (let n = 0; n < days; n += 1) {
    const start = new Date(Math.floor(from.getTime() / DAY_MS) * DAY_MS + n * DAY_MS);
    const end = new Date(start.getTime() + DAY_MS);
    if (existing.has(start.getTime())) continue;
    const held = `SELECT 1 FROM ${table}_default WHERE ${column} >= $1 AND ${column} < $2 LIMIT 1`;
    if ((await tx.query({ name: '', text: held }, [start.toISOString(), end.toISOString()])).length > 0) continue;
    await tx.query({
      name: '',
      text: `CREATE TABLE ${nameOf(table, start)} PARTITION OF ${table} FOR VALUES FROM ('${start.toISOString()}') TO ('${end.toISOString()}')`,
    });
    made.push(start);
  }
  return made;
}

/** Drops the partitions of days that ended at or before `before`; answers those dropped. */
export async function dropDayPartitions(tx: Transaction, partitioned: DayPartitioned, before: Date): Promise<Date[]> {
  await tx.query({ name: '', text: LOCK_TIMEOUT });
  const days = await listDayPartitions(tx, partitioned);
  const past = days.filter((day) => day.getTime() + DAY_MS <= before.getTime());
  for (const day of past) await tx.query({ name: '', text: `DROP TABLE ${nameOf(partitioned.table, day)}` });
  return past;
}

function nameOf(table: string, day: Date): string {
  return `${table}_${day.toISOString().slice(0, 10).replaceAll('-', '')}`;
}
