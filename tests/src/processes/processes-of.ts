import { readdirSync, readFileSync } from 'node:fs';

/** Ids of the processes, anywhere on this machine, that carry a run of this session in their environment. Linux only. */
export function processesOf(sessionId: string): number[] {
  const marks = ['SESSION', 'RUN'].map((what) => `SIGNALBOX_${what}_ID=${sessionId}`);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      const environment = environmentOf(pid);
      return marks.some((mark) => environment.includes(mark));
    })
    .map(Number);
}

/** Empty for a process that has gone meanwhile, or is not ours to look at. */
function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch {
    return '';
  }
}
