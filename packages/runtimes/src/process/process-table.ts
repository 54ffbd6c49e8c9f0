import { ProcProcessTable } from './proc-process-table.ts';
import { PsProcessTable } from './ps-process-table.ts';

/** One live process, as the operating system shows it at one instant. Zombies are not live. */
export interface ProcessEntry {
  pid: number;
  parent: number;
  /** Process group. */
  group: number;
  /** Session; where the system cannot name it (`ps`), the process group. */
  session: number;
  /** When it was started, in the table's own notation. With `pid` it identifies a process across reuse of numbers. */
  started: string;
  /** Whether it is held by SIGSTOP or a tracer. */
  stopped: boolean;
  /** CPU seconds of its own, user and system. */
  cpuSeconds: number;
  /** CPU seconds of children it waited for, theirs included; null where the system does not tell. */
  reapedCpuSeconds: number | null;
  residentBytes: number;
}

/** One reading of the machine's processes. */
export interface ProcessListing {
  entries: ProcessEntry[];
  /** Processes that were there when the reading began and had ended when their turn came; what they started may be missing. */
  gone: number[];
}

/** Whether a process was started with a mark; `unknown` while it is neither readable nor forbidden: it is starting or ending. */
export type MarkReading = 'marked' | 'unmarked' | 'unknown';

/** What there is to know about the machine's processes. Reads are synchronous: a guard has nothing else to do meanwhile. */
export interface ProcessTable {
  /** All live processes but those in `skip`, in no order. */
  list(skip: ReadonlySet<number>): ProcessListing;
  /** For each of `pids`, whether it was given `variable` with exactly this value when it was started. */
  marks(pids: readonly number[], variable: string, value: string): Map<number, MarkReading>;
  /** Memory of these processes with shared pages counted once, in bytes; null where the system does not tell. */
  proportionalBytes(pids: readonly number[]): number | null;
}

/** The table of this machine: `/proc` on Linux, `ps` elsewhere. */
export function systemProcessTable(): ProcessTable {
  return process.platform === 'linux' ? new ProcProcessTable() : new PsProcessTable();
}
