import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a hook knows without asking. */
export interface HookMemory {
  /** What the policies want of calls while nobody can be asked, as the server said last. */
  unreachable: 'allow' | 'deny';
  /** Until then the server is not asked again, since it did not answer in time; milliseconds since 1970. */
  quietUntil: number;
}

const NOTHING: HookMemory = { unreachable: 'allow', quietUntil: 0 };
const FILE = 'memory.json';

export function readMemory(place: string): HookMemory {
  try {
    return { ...NOTHING, ...(JSON.parse(readFileSync(join(place, FILE), 'utf8')) as Partial<HookMemory>) };
  } catch {
    // There is none yet; a broken one is written anew with the next answer.
    return NOTHING;
  }
}

/** Writes it as a whole, so that a hook that runs beside this one never reads half of it. */
export function writeMemory(place: string, memory: HookMemory, name: string): void {
  mkdirSync(place, { recursive: true, mode: 0o700 });
  const temporary = join(place, `${name}.tmp`);
  writeFileSync(temporary, JSON.stringify(memory), { mode: 0o600 });
  renameSync(temporary, join(place, FILE));
}
