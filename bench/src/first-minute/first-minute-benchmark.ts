import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Benchmark } from '../benchmark.ts';
import { median } from '../side-by-side.ts';
import { npmStart, type StartTimes } from './npm-start.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const STARTS = 7;
/** What a second start may take, and what the program itself may take of it. */
const WHOLE_MS = 3000;
const PROGRAM_MS = 1500;

/** `npm start` on a clone that has been started before. The start before the measured ones installs, builds and makes the data. */
export const firstMinuteBenchmark: Benchmark = {
  about: `a second \`npm start\`, against its limits of ${WHOLE_MS} ms in all and ${PROGRAM_MS} ms for the program`,
  run: async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'signalbox-bench-'));
    // For root the database runs as another user, who must get there.
    await chmod(dataDir, 0o755);
    try {
      await npmStart(ROOT, dataDir, { prepared: false });
      const starts: StartTimes[] = [];
      while (starts.length < STARTS) starts.push(await npmStart(ROOT, dataDir, { prepared: true }));
      const whole = starts.map(({ wholeMs }) => wholeMs);
      const program = starts.map(({ programMs }) => programMs);
      console.log(line('second start', ['median ms', 'fastest', 'slowest', 'limit']));
      console.log(line('npm start', [...summary(whole), WHOLE_MS]));
      console.log(line('the program', [...summary(program), PROGRAM_MS]));
      return {
        limitVsSecondStart: WHOLE_MS / median(whole),
        limitVsProgramReady: PROGRAM_MS / median(program),
      };
    } finally {
      await rm(dataDir, { recursive: true, force: true });
    }
  },
};

function summary(times: readonly number[]): number[] {
  return [median(times), Math.min(...times), Math.max(...times)];
}

function line(name: string, cells: readonly (string | number)[]): string {
  const texts = cells.map((cell) => (typeof cell === 'number' ? Math.round(cell).toLocaleString('en-US') : cell));
  return `  ${name.padEnd(14)}${texts.map((text) => text.padStart(11)).join('')}`;
}
