import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** `zombie`: it has ended and waits for its parent to ask how, for ever in a container whose first process does not. */
export type ProcessState = 'running' | 'zombie' | 'gone';

/** What has become of a process. */
export function processState(pid: number): ProcessState {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return 'gone';
    // EPERM: it exists and belongs to somebody else.
  }
  if (process.platform !== 'linux') return 'running';
  const stat = readProc(pid, 'stat');
  if (stat === null) return 'gone';
  // The program's name stands in brackets and may hold anything, brackets too; the state follows the last one.
  return stat[stat.lastIndexOf(')') + 2] === 'Z' ? 'zombie' : 'running';
}

/** True while a process of this id runs. */
export function isAlive(pid: number): boolean {
  return processState(pid) === 'running';
}

/** True when `argument` is among the words of the process's command line: whether a process id still is the program that we started. */
export function wasStartedWith(pid: number, argument: string): boolean {
  if (process.platform === 'linux') return readProc(pid, 'cmdline')?.split('\0').includes(argument) ?? false;
  try {
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).includes(argument);
  } catch (error) {
    // `ps` exits with 1 when there is no such process; anything else is a fault of the machine.
    if ((error as { status?: number }).status === 1) return false;
    throw error;
  }
}

function readProc(pid: number, name: 'stat' | 'cmdline'): string | null {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return null;
    throw error;
  }
}
