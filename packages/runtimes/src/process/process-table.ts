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

/** What there is to know about the machine's processes. Reads are synchronous: a guard has nothing else to do meanwhile. */
export interface ProcessTable {
  /** All live processes but those in `skip`, in no order. A process that ends meanwhile may be missing. */
  list(skip: ReadonlySet<number>): ProcessEntry[];
  /** Those of `pids` that were given `variable` with exactly this value when they were started. */
  carriers(pids: readonly number[], variable: string, value: string): Set<number>;
  /** Memory of these processes with shared pages counted once, in bytes; null where the system does not tell. */
  proportionalBytes(pids: readonly number[]): number | null;
}

/** The table of this machine: `/proc` on Linux, `ps` elsewhere. */
export function systemProcessTable(): ProcessTable {
  return process.platform === 'linux' ? new ProcProcessTable() : new PsProcessTable();
}
