import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findCgroupParent, RunCgroup } from './run-cgroup.ts';

// Ordinary directories in the kernel's stead: which files are chosen and what is written to them is ours to get right.
let mount: string;

beforeEach(async () => {
  mount = await mkdtemp(join(tmpdir(), 'signalbox-cgroup-'));
});

afterEach(() => rm(mount, { recursive: true }));

async function group(path: string, handedDown: string): Promise<string> {
  const directory = join(mount, path);
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'cgroup.subtree_control'), `${handedDown}\n`);
  await writeFile(join(directory, 'cgroup.procs'), '');
  return directory;
}

test('runs get their groups under the nearest group that hands down cpu and memory', async () => {
  await group('', 'cpuset cpu memory');
  const slice = await group('slice', 'cpu memory pids');
  const own = await group('slice/own.scope', '');
  expect(findCgroupParent(own, mount)).toEqual({ parent: slice });
});

test('where no group hands down both controllers, the reason is told', async () => {
  await group('', 'hugetlb');
  const own = await group('own', 'memory');
  expect(findCgroupParent(own, mount)).toEqual({ reason: expect.stringContaining('cpu and memory controllers') });
});

test('limits are written the way the kernel reads them', async () => {
  const { path } = RunCgroup.create(mount, 'run', { cpuCores: 1.5, memoryMb: 256 });
  expect(await readFile(join(path, 'memory.max'), 'utf8')).toBe('268435456');
  expect(await readFile(join(path, 'memory.oom.group'), 'utf8')).toBe('1');
  expect(await readFile(join(path, 'cpu.max'), 'utf8')).toBe('150000 100000');
});

test('what the kernel counts is read back', async () => {
  const cgroup = RunCgroup.create(mount, 'run', { cpuCores: null, memoryMb: null });
  await writeFile(join(cgroup.path, 'memory.events'), 'low 0\nmax 3\noom 1\noom_kill 2\n');
  await writeFile(join(cgroup.path, 'cpu.stat'), 'usage_usec 2500000\nuser_usec 1\n');
  await writeFile(join(cgroup.path, 'cgroup.procs'), '12\n34\n');
  expect(cgroup.ranOutOfMemory()).toBe(true);
  expect(cgroup.cpuSeconds()).toBe(2.5);
  expect(cgroup.members()).toEqual([12, 34]);
});
