import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { ProcessLimits } from './guard-protocol.ts';

/** Length of the period in which `cpu.max` counts, in microseconds; the kernel's own default. */
const CPU_PERIOD_US = 100_000;
const NEEDED_CONTROLLERS = ['cpu', 'memory'] as const;

/** A control group (v2) of one run: the kernel applies its limits and lists its processes. */
export class RunCgroup {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Makes the group under `parent` and sets its limits. Throws what the file system throws; then nothing is left. */
  static create(parent: string, runId: string, limits: ProcessLimits): RunCgroup {
    const group = new RunCgroup(join(parent, `signalbox-${runId}`));
    mkdirSync(group.path);
    try {
      if (limits.memoryMb !== null) {
        group.#write('memory.max', String(Math.round(limits.memoryMb * 1024 * 1024)));
        // Swapping would let the run grow past its limit, and slow the machine down for all.
        if (existsSync(join(group.path, 'memory.swap.max'))) group.#write('memory.swap.max', '0');
        // Over the limit the run ends as a whole, not some process of it.
        group.#write('memory.oom.group', '1');
      }
      if (limits.cpuCores !== null) {
        group.#write('cpu.max', `${Math.round(limits.cpuCores * CPU_PERIOD_US)} ${CPU_PERIOD_US}`);
      }
    } catch (error) {
      rmdirSync(group.path);
      throw error;
    }
    return group;
  }

  /**
   * Calls `spawn` with this process moved into the group, so that the program is born in it: there is no moment in which
   * it runs without limits. This process is moved back to `home` (its own group's directory) before it returns.
   */
  spawnInside<T>(home: string, spawn: () => T): T {
    this.#write('cgroup.procs', '0');
    try {
      return spawn();
    } finally {
      writeFileSync(join(home, 'cgroup.procs'), '0');
    }
  }

  members(): number[] {
    return this.#read('cgroup.procs').split('\n').filter(Boolean).map(Number);
  }

  /** Whether the kernel ended the run for want of memory. */
  ranOutOfMemory(): boolean {
    return this.#number('memory.events', 'oom_kill') > 0;
  }

  /** CPU seconds of everything that ever ran in the group. */
  cpuSeconds(): number {
    return this.#number('cpu.stat', 'usage_usec') / 1_000_000;
  }

  /** Removes the group; it must be empty. */
  remove(): void {
    rmdirSync(this.path);
  }

  #number(file: string, key: string): number {
    const line = this.#read(file)
      .split('\n')
      .find((candidate) => candidate.startsWith(`${key} `));
    return line ? Number(line.slice(key.length + 1)) : 0;
  }

  #read(file: string): string {
    return readFileSync(join(this.path, file), 'latin1');
  }

  #write(file: string, value: string): void {
    writeFileSync(join(this.path, file), value);
  }
}

/** The directory of this process's own group in the unified hierarchy, or null where there is none. */
export function ownCgroup(): { directory: string; mount: string } | null {
  if (!existsSync('/proc/self/cgroup')) return null;
  const path = /^0::(\/.*)$/m.exec(readFileSync('/proc/self/cgroup', 'latin1'))?.[1];
  const mount = readFileSync('/proc/self/mounts', 'latin1')
    .split('\n')
    .map((line) => line.split(' '))
    .find((fields) => fields[2] === 'cgroup2')?.[1];
  return path && mount ? { directory: resolve(join(mount, path)), mount } : null;
}

/**
 * The nearest group at or above `directory` under which runs can have groups of their own with limits: we may write there
 * and it hands down the controllers we need. The rest of the answer says why not.
 */
export function findCgroupParent(directory: string, mount: string): { parent: string } | { reason: string } {
  let reason = `${directory} hands down no cpu and memory controllers`;
  for (let candidate = directory; candidate.startsWith(mount); candidate = dirname(candidate)) {
    const handedDown = readIfThere(join(candidate, 'cgroup.subtree_control')).trim().split(' ');
    if (NEEDED_CONTROLLERS.every((name) => handedDown.includes(name))) {
      if (writable(candidate) && writable(join(candidate, 'cgroup.procs'))) return { parent: candidate };
      reason = `${candidate} is not ours to write`;
    }
    if (candidate === mount) break;
  }
  return { reason };
}

function readIfThere(path: string): string {
  return existsSync(path) ? readFileSync(path, 'latin1') : '';
}

function writable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EACCES' || code === 'EROFS' || code === 'ENOENT') return false;
    throw error;
  }
}
