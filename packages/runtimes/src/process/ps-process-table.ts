import { execFileSync } from 'node:child_process';
import type { MarkReading, ProcessEntry, ProcessListing, ProcessTable } from './process-table.ts';

const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;
/** `lstart` is five words, so it comes last. */
const COLUMNS = 'pid=,ppid=,pgid=,state=,time=,rss=,lstart=';

/**
 * Processes as `ps` tells them, for systems without `/proc` (macOS). `ps` names no sessions there, so the process group
 * stands for them, and a program protected by the system hides its environment: such a process is known by its descent.
 */
export class PsProcessTable implements ProcessTable {
  list(skip: ReadonlySet<number>): ProcessListing {
    const entries: ProcessEntry[] = [];
    for (const line of ps(['-A', '-o', COLUMNS]).split('\n')) {
      const entry = parsePsLine(line);
      if (entry && !skip.has(entry.pid)) entries.push(entry);
    }
    // What ended under the hands of `ps` itself it does not say.
    return { entries, gone: [] };
  }

  marks(pids: readonly number[], variable: string, value: string): Map<number, MarkReading> {
    const readings = new Map<number, MarkReading>(pids.map((pid) => [pid, 'unknown']));
    if (pids.length === 0) return readings;
    // `e` appends the environment to the command, words apart by blanks; a run's id holds none.
    for (const line of ps(['axeww', '-o', 'pid=,command=']).split('\n')) {
      const pid = Number.parseInt(line, 10);
      if (!readings.has(pid)) continue;
      readings.set(pid, ` ${line} `.includes(` ${variable}=${value} `) ? 'marked' : 'unmarked');
    }
    return readings;
  }

  proportionalBytes(): null {
    return null;
  }
}

/** One line of `ps -o pid=,ppid=,pgid=,state=,time=,rss=,lstart=`; null for a zombie or an empty line. */
export function parsePsLine(line: string): ProcessEntry | null {
  const [pid, parent, group, state, time, rss, ...started] = line.trim().split(/\s+/);
  if (!pid || !parent || !group || !state || !time || !rss || state.startsWith('Z')) return null;
  return {
    pid: Number(pid),
    parent: Number(parent),
    group: Number(group),
    session: Number(group),
    started: started.join(' '),
    stopped: state.startsWith('T') || state.startsWith('t'),
    cpuSeconds: parseCpuTime(time),
    reapedCpuSeconds: null,
    residentBytes: Number(rss) * 1024,
  };
}

/** `[days-][hours:]minutes:seconds[.hundredths]` in seconds. */
export function parseCpuTime(time: string): number {
  const [clock = '', days = '0'] = time.split('-').reverse();
  return clock.split(':').reduce((sum, part) => sum * 60 + Number(part), 0) + Number(days) * 86_400;
}

function ps(args: readonly string[]): string {
  return execFileSync('ps', args, {
    encoding: 'latin1',
    env: { PATH: process.env.PATH ?? '/bin:/usr/bin', LC_ALL: 'C' },
    maxBuffer: MAX_OUTPUT_BYTES,
  });
}
