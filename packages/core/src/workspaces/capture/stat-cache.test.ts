import type { BigIntStats } from 'node:fs';
import { expect, test } from 'vitest';
import { StatCache } from './stat-cache.ts';

const CHANGED_NS = 1_000_000_000_000n;
const FILE = { oid: 'a'.repeat(40), mode: '100644' };
const facts = (more: Partial<BigIntStats> = {}) =>
  ({ size: 1n, mtimeNs: CHANGED_NS, ctimeNs: CHANGED_NS, ino: 7n, mode: 0o100644n, ...more }) as BigIntStats;

test('trusts a file that was hashed well after its last change, as long as its facts stay', () => {
  const cache = new StatCache();
  cache.remember('a', facts(), FILE, CHANGED_NS + 60_000_000n);
  expect(cache.lookup('a', facts())).toMatchObject(FILE);
  for (const changed of [{ size: 2n }, { mtimeNs: 1n }, { ctimeNs: 1n }, { ino: 8n }, { mode: 0o100755n }]) {
    expect(cache.lookup('a', facts(changed))).toBeNull();
  }
  cache.forget('a');
  expect(cache.lookup('a', facts())).toBeNull();
});

test('does not trust one that was hashed within a tick of its change: it may have been written again since', () => {
  const cache = new StatCache();
  cache.remember('a', facts(), FILE, CHANGED_NS + 50_000_000n);
  expect(cache.lookup('a', facts())).toBeNull();
});
