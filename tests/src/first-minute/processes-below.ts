import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface LeftOver {
  pid: number;
  command: string;
}

/** Living processes that have to do with a directory: they stand in it, run something of it, or were given it. Linux only. */
export function processesBelow(directory: string): LeftOver[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      const command = read(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'))
        .replaceAll('\0', ' ')
        .trim();
      const cwd = read(() => readlinkSync(`/proc/${pid}/cwd`));
      const program = read(() => readlinkSync(`/proc/${pid}/exe`));
      const related = command.includes(directory) || [cwd, program].some((path) => path.startsWith(directory));
      return related && command !== '' ? [{ pid: Number(pid), command }] : [];
    });
}

/** Empty for a process that has gone meanwhile, or is not ours to look at. */
function read(look: () => string): string {
  try {
    return look();
  } catch {
    return '';
  }
}
