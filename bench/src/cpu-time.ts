import { readFileSync } from 'node:fs';

/** Clock ticks of /proc are hundredths of a second on all that Node runs on. */
const MS_PER_TICK = 10;

/** CPU time in milliseconds. It tells what work costs also where others use the machine meanwhile. */
export interface CpuTime {
  program: number;
  /** Of the database's processes; NaN where the system does not tell it as Linux does. */
  database: number;
}

/** CPU time so far, of this process and of those given. */
export function cpuTime(databasePids: readonly number[]): CpuTime {
  const { user, system } = process.cpuUsage();
  return {
    program: (user + system) / 1000,
    database: databasePids.reduce((sum, pid) => sum + ticksOf(pid) * MS_PER_TICK, 0),
  };
}

function ticksOf(pid: number): number {
  try {
    // The name of the program comes first, in parentheses; it may contain anything.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return Number(fields[11]) + Number(fields[12]);
  } catch {
    return Number.NaN;
  }
}
