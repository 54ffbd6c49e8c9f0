import { expect, test } from 'vitest';
import type { MarkReading, ProcessEntry, ProcessListing, ProcessTable } from './process-table.ts';
import { TreeMembership } from './tree-membership.ts';

/** A machine on which the test decides what runs. */
class ScriptedTable implements ProcessTable {
  live: ProcessEntry[] = [];
  gone: number[] = [];
  readonly marked = new Set<number>();
  readonly unknown = new Set<number>();
  readonly read: number[] = [];

  list(skip: ReadonlySet<number>): ProcessListing {
    return { entries: this.live.filter((entry) => !skip.has(entry.pid)), gone: this.gone };
  }

  marks(pids: readonly number[]): Map<number, MarkReading> {
    this.read.push(...pids);
    const reading = (pid: number) => (this.marked.has(pid) ? 'marked' : this.unknown.has(pid) ? 'unknown' : 'unmarked');
    return new Map(pids.map((pid) => [pid, reading(pid)]));
  }

  proportionalBytes(): null {
    return null;
  }
}

const entry = (pid: number, changes: Partial<ProcessEntry> = {}): ProcessEntry => ({
  pid,
  parent: 1,
  group: pid,
  session: pid,
  started: 'first',
  stopped: false,
  cpuSeconds: 0,
  reapedCpuSeconds: 0,
  residentBytes: 0,
  ...changes,
});

function machine() {
  const table = new ScriptedTable();
  const membership = new TreeMembership({ runId: 'r', table });
  const pids = (kind: 'quick' | 'thorough' = 'thorough') =>
    membership
      .look(kind)
      .members.map((member) => member.pid)
      .sort();
  return { table, membership, pids };
}

const BASE = 2 ** 30;

test('a member stays one after its environment and its parent are gone', () => {
  const { table, pids } = machine();
  table.marked.add(BASE);
  table.live = [entry(BASE), entry(BASE + 1, { parent: BASE })];
  expect(pids()).toEqual([BASE, BASE + 1]);
  table.live = [entry(BASE + 1)];
  expect(pids()).toEqual([BASE + 1]);
});

test('an orphan in a session of ours belongs, also when first seen after all its relatives', () => {
  const { table, pids } = machine();
  table.marked.add(BASE);
  table.live = [entry(BASE)];
  expect(pids()).toEqual([BASE]);
  table.live = [entry(BASE + 7, { session: BASE })];
  expect(pids()).toEqual([BASE + 7]);
});

test('a stranger that takes over the number of a member, or of its session, is left alone', () => {
  const { table, pids } = machine();
  table.marked.add(BASE);
  table.live = [entry(BASE)];
  expect(pids()).toEqual([BASE]);
  table.marked.delete(BASE);
  table.live = [entry(BASE, { started: 'later' }), entry(BASE + 1, { session: BASE })];
  for (const look of ['thorough', 'quick', 'thorough'] as const) expect(pids(look)).toEqual([]);
});

test('somebody who carries the mark in a shell of his own does not draw in the rest of his session', () => {
  const { table, pids } = machine();
  table.marked.add(BASE + 1);
  table.live = [entry(BASE), entry(BASE + 1, { parent: BASE, session: BASE }), entry(BASE + 2, { session: BASE })];
  expect(pids()).toEqual([BASE + 1]);
});

test('environments of strangers are read once, not at every look', () => {
  const { table, pids } = machine();
  table.live = [entry(BASE), entry(BASE + 1)];
  for (const look of ['quick', 'quick', 'thorough', 'thorough'] as const) expect(pids(look)).toEqual([]);
  expect(table.read).toEqual([BASE, BASE + 1]);
});

test('a process that shows no environment while it is being started is not taken for a stranger', () => {
  const { table, membership } = machine();
  table.live = [entry(BASE)];
  table.unknown.add(BASE);
  expect(membership.look('thorough')).toEqual({ members: [], conclusive: false });
  table.unknown.delete(BASE);
  table.marked.add(BASE);
  expect(membership.look('thorough')).toMatchObject({ members: [{ pid: BASE }], conclusive: true });
});

test('a process that has no environment at all does not leave a look open for ever', () => {
  const { table, membership } = machine();
  table.live = [entry(BASE)];
  table.unknown.add(BASE);
  expect(membership.look('thorough').conclusive).toBe(false);
  expect(membership.look('thorough').conclusive).toBe(true);
});

test('a process that ended under our eyes leaves the look open once; known strangers do not', () => {
  const { table, membership } = machine();
  table.live = [entry(BASE)];
  expect(membership.look('thorough').conclusive).toBe(true);
  table.live = [];
  table.gone = [BASE];
  expect(membership.look('thorough').conclusive).toBe(true);
  table.gone = [BASE + 1];
  expect(membership.look('thorough').conclusive).toBe(false);
  expect(membership.look('thorough').conclusive).toBe(true);
});
