import { readdirSync, readFileSync } from 'node:fs';
import {
  type Clock,
  type Ids,
  type RunHost,
  type RunSpec,
  type RuntimeEvent,
  systemClock,
  systemIds,
} from '@signalbox/core';

/** Hands out ids and remembers them, so that a test can look for what a run left behind. */
export class RememberedIds implements Ids {
  readonly given: string[] = [];

  uuid(): string {
    const id = systemIds.uuid();
    this.given.push(id);
    return id;
  }

  secret(bytes: number): string {
    return systemIds.secret(bytes);
  }
}

/** A host that keeps every event; `emit` may be replaced to be slow or to refuse. */
export class RecordingHost implements RunHost {
  readonly events: RuntimeEvent[] = [];
  readonly #onEmit: (event: RuntimeEvent) => Promise<void>;

  constructor(onEmit: (event: RuntimeEvent) => Promise<void> = async () => undefined) {
    this.#onEmit = onEmit;
  }

  async emit(event: RuntimeEvent): Promise<void> {
    await this.#onEmit(event);
    this.events.push(event);
  }

  /** Everything written to one stream so far. */
  text(stream: 'stdout' | 'stderr' = 'stdout'): string {
    return this.events.map((event) => (event.type === 'output' && event.stream === stream ? event.text : '')).join('');
  }

  async toolBefore(): Promise<{ decision: 'allow' }> {
    return { decision: 'allow' };
  }

  async toolGoesOn(): Promise<void> {
    return;
  }

  async toolAfter(): Promise<void> {
    return;
  }

  async permission(): Promise<'allow'> {
    return 'allow';
  }
}

/** A run of `command` without limits, changed by `changes`. */
export function runSpec(changes: Partial<RunSpec> & Pick<RunSpec, 'command' | 'workspacePath'>): RunSpec {
  return {
    projectId: systemIds.uuid(),
    sessionId: systemIds.uuid(),
    attempt: 1,
    prompt: 'mend the test',
    model: null,
    agentConfig: {},
    environment: {},
    limits: { cpuCores: null, memoryMb: null },
    resumeFrom: null,
    ...changes,
  };
}

/** Live processes (no zombies) whose environment holds `text`, read without any of the code under test. Linux only. */
export function processesWithEnvironment(text: string): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && isAlive(pid) && readProc(pid, 'environ').includes(text));
}

/** Whether a process runs or is stopped; a zombie does neither. Linux only. */
export function isAlive(pid: number): boolean {
  const stat = readProc(pid, 'stat');
  return stat !== '' && !/\) [ZX] /.test(stat);
}

/** Waits until `holds` returns true. Throws after `patienceMs`, saying what was awaited. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  { patienceMs = 20_000, clock = systemClock as Clock } = {},
): Promise<void> {
  const deadline = clock.monotonic() + patienceMs;
  while (!(await holds())) {
    if (clock.monotonic() > deadline) throw new Error(`Still waiting for ${what} after ${patienceMs} ms.`);
    await clock.sleep(20);
  }
}

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES') return '';
    throw error;
  }
}
