import { rm } from 'node:fs/promises';
import { afterEach } from 'vitest';
import { systemClock } from '../../../clock/clock.ts';
import { type EmbeddedKind, type OpenTier, openTier } from '../index.ts';
import { processesWith, temporaryDirectory } from './machine.ts';
import { Program } from './run-program.ts';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** Calls `cleanUp` after the present test, the latest first. */
export function afterwards(cleanUp: () => unknown): void {
  cleanUps.push(cleanUp);
}

/** A directory that goes after the test, with every process that was started on it. */
export function directory(mode?: number, owner?: { uid: number; gid: number }): string {
  const path = temporaryDirectory(mode, owner);
  afterwards(async () => {
    for (const pid of processesWith(path)) process.kill(pid, 'SIGKILL');
    await rm(path, { recursive: true, force: true });
  });
  return path;
}

/** A program on a data directory that is killed after the test, unless it has ended. */
export function program(dataDir: string, options?: ConstructorParameters<typeof Program>[1]): Program {
  const started = new Program(dataDir, options);
  afterwards(() => started.kill());
  return started;
}

/** Opens a data directory in the process of the tests. */
export function open(dataDir: string, embedded: EmbeddedKind | null = null): Promise<OpenTier> {
  return openTier({ databaseUrl: null, dataDir, embedded }, { clock: systemClock, programVersion: '0.0.0-test' });
}
