import { readdirSync, readFileSync } from 'node:fs';
import type { MarkReading, ProcessEntry, ProcessListing, ProcessTable } from './process-table.ts';

/** USER_HZ, the unit of times in `/proc/<pid>/stat`: 100 on every architecture Node runs on. */
const TICKS_PER_SECOND = 100;
const KIB = 1024;
/** The flag that marks the kernel's own threads in `stat`. */
const PF_KTHREAD = 0x00200000;

/** Processes as Linux shows them under `/proc`. */
export class ProcProcessTable implements ProcessTable {
  readonly #root: string;

  constructor(root = '/proc') {
    this.#root = root;
  }

  list(skip: ReadonlySet<number>): ProcessListing {
    const entries: ProcessEntry[] = [];
    const gone: number[] = [];
    for (const name of readdirSync(this.#root)) {
      const pid = Number(name);
      if (!Number.isInteger(pid) || skip.has(pid)) continue;
      const stat = this.#read(pid, 'stat')?.toString('latin1');
      const entry = stat ? parseStat(stat) : null;
      if (entry) entries.push(entry);
      else gone.push(pid);
    }
    return { entries, gone };
  }

  marks(pids: readonly number[], variable: string, value: string): Map<number, MarkReading> {
    const wanted = Buffer.from(`\0${variable}=${value}\0`);
    return new Map(pids.map((pid) => [pid, this.#mark(pid, wanted)]));
  }

  #mark(pid: number, wanted: Buffer): MarkReading {
    const environment = this.#read(pid, 'environ');
    if (environment === null || environment.length === 0) {
      const stat = this.#read(pid, 'stat')?.toString('latin1');
      // Forbidden, so another user's; or one of the kernel's own threads, which never have an environment.
      if (stat && (environment === null || isKernelThread(stat))) return 'unmarked';
      // Gone; or in the middle of execve, or at the end of its life, when no environment is to be seen.
      return 'unknown';
    }
    // Framed by NULs on both sides, so that neither a longer name nor a longer value matches.
    const framed = Buffer.concat([Buffer.of(0), environment, Buffer.of(0)]);
    return framed.includes(wanted) ? 'marked' : 'unmarked';
  }

  proportionalBytes(pids: readonly number[]): number | null {
    let total = 0;
    for (const pid of pids) {
      const rollup = this.#read(pid, 'smaps_rollup')?.toString('latin1');
      const kib = rollup && /^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1];
      if (kib) total += Number(kib) * KIB;
      // Ended since: nothing to add. Alive but closed to us: the sum would lie.
      else if (this.#read(pid, 'stat')) return null;
    }
    return total;
  }

  /** The file's bytes, or null when the process is gone or not ours to read. */
  #read(pid: number, file: string): Buffer | null {
    try {
      return readFileSync(`${this.#root}/${pid}/${file}`);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES' || code === 'EPERM') return null;
      throw error;
    }
  }
}

/** The fields of `/proc/<pid>/stat` (proc_pid_stat(5)) from the third, the state, on. */
function statFields(line: string): string[] {
  // The program's name is in parentheses and may itself hold blanks and parentheses: fields count from the last one.
  return line.slice(line.lastIndexOf(')') + 2).split(' ');
}

function isKernelThread(line: string): boolean {
  return (Number(statFields(line)[9 - 3]) & PF_KTHREAD) !== 0;
}

/** One line of `/proc/<pid>/stat`; null for a zombie. */
export function parseStat(line: string): ProcessEntry | null {
  const pid = Number(line.slice(0, line.indexOf(' ')));
  const fields = statFields(line);
  /** Field by its number in the manual page, from 3 (state) on. */
  const field = (number: number): number => Number(fields[number - 3]);
  const state = fields[0];
  if (state === undefined || state === 'Z' || state === 'X' || state === 'x') return null;
  return {
    pid,
    parent: field(4),
    group: field(5),
    session: field(6),
    started: String(fields[22 - 3]),
    stopped: state === 'T' || state === 't',
    cpuSeconds: (field(14) + field(15)) / TICKS_PER_SECOND,
    reapedCpuSeconds: (field(16) + field(17)) / TICKS_PER_SECOND,
    residentBytes: field(24) * pageSize(),
  };
}

let pageBytes: number | null = null;

/** Bytes in a page, from the auxiliary vector the kernel gave our own process: pairs of 64-bit words, key 6 (getauxval(3)). */
function pageSize(): number {
  if (pageBytes !== null) return pageBytes;
  const words = new BigUint64Array(new Uint8Array(readFileSync('/proc/self/auxv')).buffer);
  const key = words.findIndex((word, index) => index % 2 === 0 && word === 6n);
  pageBytes = Number(words[key + 1] ?? 4096n);
  return pageBytes;
}
