import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** True while a process of this id exists and is not a zombie that merely waits for its parent. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    // EPERM: it exists and belongs to somebody else.
  }
  return statFields(pid)?.[0] !== 'Z';
}

/**
 * Names one run of one process: its start time since boot together with the boot, so that a process id that was given out again is not
 * taken for its predecessor. Null when there is no such process.
 */
export function processIdentity(pid: number): string | null {
  if (process.platform === 'linux') {
    const fields = statFields(pid);
    if (!fields || fields[0] === 'Z') return null;
    return `${bootId()}:${fields[19]}`;
  }
  try {
    return (
      execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', env: { LC_ALL: 'C' } }).trim() ||
      null
    );
  } catch (error) {
    // `ps` exits with 1 when there is no such process; anything else is a fault of the machine.
    if ((error as { status?: number }).status === 1) return null;
    throw error;
  }
}

/** Fields of `/proc/<pid>/stat` from the state on: [0] state, [19] start time in clock ticks since boot. Null where there are none. */
function statFields(pid: number): string[] | null {
  if (process.platform !== 'linux') return null;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The program's name stands in brackets and may hold anything, brackets too: the fields start after the last one.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return null;
    throw error;
  }
}

function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}
