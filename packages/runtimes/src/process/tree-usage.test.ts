import { expect, test } from 'vitest';
import type { ProcessEntry } from './process-table.ts';
import { TreeUsage } from './tree-usage.ts';

const entry = (pid: number, changes: Partial<ProcessEntry> = {}): ProcessEntry => ({
  pid,
  parent: 0,
  group: pid,
  session: pid,
  started: 'first',
  stopped: false,
  cpuSeconds: 0,
  reapedCpuSeconds: 0,
  residentBytes: 0,
  ...changes,
});

const FIRST = 2 ** 30;
const WAITED_FOR = FIRST + 1;
const ORPHAN = FIRST + 2;

test('CPU time is neither lost when a process ends nor counted twice when its parent waited for it', () => {
  const usage = new TreeUsage();
  const main = entry(FIRST, { parent: process.pid, cpuSeconds: 1, residentBytes: 10 });
  usage.record([
    main,
    entry(WAITED_FOR, { parent: FIRST, cpuSeconds: 2, residentBytes: 30 }),
    entry(ORPHAN, { parent: FIRST, cpuSeconds: 4 }),
  ]);
  expect(usage.total(0)).toEqual({ cpuSeconds: 7, peakBytes: 40 });
  const later = { ...main, reapedCpuSeconds: 2 };
  usage.record([later, entry(ORPHAN, { parent: 1, cpuSeconds: 5 })]);
  usage.record([later]);
  expect(usage.total(0)).toEqual({ cpuSeconds: 8, peakBytes: 40 });
  // The main program ends and is waited for by us: its account, 3 s by now, passes into ours.
  usage.record([]);
  expect(usage.total(3)).toEqual({ cpuSeconds: 8, peakBytes: 40 });
});

test('where the system keeps no account of children, what was last seen of them is kept', () => {
  const usage = new TreeUsage();
  const main = entry(FIRST, { parent: process.pid, cpuSeconds: 1, reapedCpuSeconds: null });
  usage.record([main, entry(WAITED_FOR, { parent: FIRST, cpuSeconds: 2, reapedCpuSeconds: null })]);
  usage.record([main]);
  expect(usage.total(0).cpuSeconds).toBe(3);
  usage.record([]);
  expect(usage.total(0).cpuSeconds).toBe(3);
});
