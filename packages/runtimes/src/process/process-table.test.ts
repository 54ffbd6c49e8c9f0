import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { until } from '../testing/run-witness.ts';
import { ProcProcessTable, parseStat } from './proc-process-table.ts';
import { PsProcessTable, parseCpuTime, parsePsLine } from './ps-process-table.ts';

/** A process id that no system gives out. */
const NOBODY = 2 ** 30;

test('a program whose name holds blanks and parentheses is read from /proc all the same', () => {
  const numbers = Array.from({ length: 49 }, (_, index) => String(index + 4));
  const entry = parseStat(`42 (a) S 1 (b)) T ${numbers.join(' ')}`);
  expect(entry).toMatchObject({ pid: 42, parent: 4, group: 5, session: 6, started: '22', stopped: true });
  expect(entry?.cpuSeconds).toBeCloseTo((14 + 15) / 100);
  expect(entry?.reapedCpuSeconds).toBeCloseTo((16 + 17) / 100);
});

test('zombies are not live, neither to /proc nor to ps', () => {
  expect(parseStat(`42 (x) Z ${Array(49).fill('0').join(' ')}`)).toBeNull();
  expect(parsePsLine(' 42 1 42 Z 0:00.00 0 Mon Jan  1 00:00:00 2026')).toBeNull();
  expect(parsePsLine('')).toBeNull();
});

test('a line of ps as macOS prints it is read', () => {
  expect(parsePsLine('  501     1   501 Ss     1:02.50  20480 Tue Mar  3 10:11:12 2026    ')).toEqual({
    pid: 501,
    parent: 1,
    group: 501,
    session: 501,
    started: 'Tue Mar 3 10:11:12 2026',
    stopped: false,
    cpuSeconds: 62.5,
    reapedCpuSeconds: null,
    residentBytes: 20_480 * 1024,
  });
});

test('CPU times of ps are read with days, hours and hundredths', () => {
  expect(parseCpuTime('0:03.25')).toBeCloseTo(3.25);
  expect(parseCpuTime('01:02:03')).toBe(3_723);
  expect(parseCpuTime('2-00:00:01')).toBe(172_801);
});

test('/proc and ps tell the same of a real process, and find it by its environment alone', async () => {
  const child = spawn('sleep', ['300'], { detached: true, stdio: 'ignore', env: { ...process.env, MARK: 'one-two' } });
  await once(child, 'spawn');
  const pid = child.pid ?? 0;
  try {
    child.kill('SIGSTOP');
    const stopped = () => readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') T ');
    await until('the process to stop', stopped);
    for (const table of [new ProcProcessTable(), new PsProcessTable()]) {
      const entry = table.list(new Set()).entries.find((candidate) => candidate.pid === pid);
      expect(entry).toMatchObject({ parent: process.pid, group: pid, session: pid, stopped: true });
      const own = table.list(new Set()).entries.find((candidate) => candidate.pid === process.pid);
      const ratio = (own?.residentBytes ?? 0) / process.memoryUsage().rss;
      expect(ratio).toBeGreaterThan(0.7);
      expect(ratio).toBeLessThan(1.3);
      expect(table.list(new Set([pid])).entries.some((candidate) => candidate.pid === pid)).toBe(false);
      const mark = (variable: string, value: string) => table.marks([pid], variable, value).get(pid);
      expect(mark('MARK', 'one-two')).toBe('marked');
      for (const near of ['one', 'one-two-three', 'ne-two']) expect(mark('MARK', near)).toBe('unmarked');
      expect(mark('ARK', 'one-two')).toBe('unmarked');
      expect(table.marks([NOBODY], 'MARK', 'one-two').get(NOBODY)).toBe('unknown');
    }
    const shared = new ProcProcessTable().proportionalBytes([pid]);
    expect(shared).toBeGreaterThan(0);
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});
