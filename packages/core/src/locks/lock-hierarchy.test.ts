import { describe, expect, test } from 'vitest';
import { compareNames, overlaps, prefixesOf, standAlone } from './resource-name.ts';
import { describeLocks } from './testing/lock-fixture.ts';

describeLocks('locks in hierarchies and modes', (nodes) => {
  test('ORC-187: a parent excludes what stands under it, and the other way round; neighbours and mere prefixes do not', async () => {
    const { projectId, here, there } = nodes();
    const child = await here.acquire(projectId, 'repo/src/a');
    expect(await there.tryAcquire(projectId, 'repo')).toBeNull();
    expect(await there.tryAcquire(projectId, 'repo/src')).toBeNull();
    expect(await there.tryAcquire(projectId, 'repo/src/a/b')).toBeNull();
    for (const free of ['repo/src/b', 'repo/sr', 'repo/src/ab', 'repo2', 'rep']) {
      expect(await there.tryAcquire(projectId, free), free).not.toBeNull();
    }
    await child.release();
    const parent = await here.acquire(projectId, 'repo/src/a');
    expect(await there.tryAcquire(projectId, 'repo/src/a/deep/er')).toBeNull();
    await parent.release();
  });

  test('a waiting parent is not starved by newcomers under it', async () => {
    const { fixture, projectId, here, there } = nodes();
    const child = await here.acquire(projectId, 'repo/a');
    const parent = there.acquire(projectId, 'repo', { waitMs: 20_000 });
    await fixture.queued(1);
    expect(await here.tryAcquire(projectId, 'repo/b')).toBeNull();
    await child.release();
    await (await parent).release();
    expect(await here.tryAcquire(projectId, 'repo/b')).not.toBeNull();
  });

  test('shared locks stand together, exclude exclusive ones, and do not starve one that waits', async () => {
    const { fixture, projectId, here, there } = nodes();
    const one = await here.acquire(projectId, 'r', { mode: 'shared' });
    const two = await there.acquire(projectId, 'r/x', { mode: 'shared', waitMs: 0 });
    const writer = there.acquire(projectId, 'r', { waitMs: 20_000 });
    await fixture.queued(1);
    expect(await here.tryAcquire(projectId, 'r', { mode: 'shared' })).toBeNull();
    const late = here.acquire(projectId, 'r', { mode: 'shared', waitMs: 20_000 });
    await fixture.queued(2);
    await one.release();
    await two.release();
    const written = await writer;
    expect(await fixture.rows()).toEqual({ holdings: 1, waiters: 1 });
    await written.release();
    expect((await late).token).toBeGreaterThan(written.token);
  });

  test('all shared waiters up to the next exclusive one are served together', async () => {
    const { fixture, projectId, here, there } = nodes();
    const held = await here.acquire(projectId, 'r');
    const granted: string[] = [];
    const wait = async (owner: string, mode: 'shared' | 'exclusive', expected: number) => {
      const handle = there.acquire(projectId, 'r', { owner, mode, waitMs: 20_000 });
      await fixture.queued(expected);
      const told = handle.then((got) => {
        granted.push(owner);
        return got;
      });
      return { owner, handle: told };
    };
    const readers = [await wait('r1', 'shared', 1), await wait('r2', 'shared', 2)];
    const writer = await wait('w', 'exclusive', 3);
    const last = await wait('r3', 'shared', 4);
    await held.release();
    const [one, two] = await Promise.all(readers.map(({ handle }) => handle));
    expect(granted.sort()).toEqual(['r1', 'r2']);
    await one?.release();
    await two?.release();
    await (await writer.handle).release();
    await (await last.handle).release();
    expect(granted).toEqual(['r1', 'r2', 'w', 'r3']);
  });

  test('a sole reader becomes the writer at once, before those who wait, and with a token of its own', async () => {
    const { fixture, projectId, here, there } = nodes();
    const reading = await here.acquire(projectId, 'r', { owner: 'me', mode: 'shared' });
    const waiting = there.acquire(projectId, 'r', { owner: 'you', priority: 5, waitMs: 20_000 });
    await fixture.queued(1);
    const writing = await here.acquire(projectId, 'r', { owner: 'me', waitMs: 0 });
    expect(writing.token).toBeGreaterThan(reading.token);
    await reading.release();
    expect(await fixture.rows()).toEqual({ holdings: 1, waiters: 1 });
    await writing.release();
    await (await waiting).release();
  });

  test('an owner holds a parent and what stands under it, and others neither', async () => {
    const { projectId, here, there } = nodes();
    const parent = await here.acquire(projectId, 'repo', { owner: 'me' });
    const child = await here.acquire(projectId, 'repo/a', { owner: 'me', waitMs: 0 });
    expect(child.token).toBeGreaterThan(parent.token);
    await parent.release();
    expect(await there.tryAcquire(projectId, 'repo', { owner: 'you' })).toBeNull();
    expect(await there.tryAcquire(projectId, 'repo/b', { owner: 'you' })).not.toBeNull();
    await child.release();
  });

  test('ORC-184: a smaller name under a greater one is warned of per owner, refused in strict mode; acquireAll sorts', async () => {
    const { fixture, projectId } = nodes();
    const log: Record<string, unknown>[] = [];
    const node = fixture.node({ log });
    const held = await node.acquire(projectId, 'm', { owner: 'me' });
    await node.acquire(projectId, 'a', { owner: 'other' });
    expect(log).toEqual([]);
    await node.acquire(projectId, 'b', { owner: 'me' });
    expect(log).toMatchObject([{ level: 'warn', resource: 'b', owner: 'me', greater: 'm' }]);
    await expect(node.acquire(projectId, 'c', { owner: 'me', strictOrder: true })).rejects.toMatchObject({
      code: 'LOCK_ORDER',
      details: { resource: 'c', greater: 'm' },
    });
    const nested = await node.acquire(projectId, 'b', { owner: 'me', strictOrder: true });
    await nested.release();
    await held.release();
    const all = await node.acquireAll(projectId, ['z', 'ä', 'x', 'z'], { owner: 'all', strictOrder: true });
    expect(all.map(({ resource }) => resource)).toEqual(['x', 'z', 'ä']);
    expect(all.map(({ token }) => token)).toEqual([...all.map(({ token }) => token)].sort((a, b) => a - b));
    expect(log).toHaveLength(1);
  });

  test('acquireAll gets all or none', async () => {
    const { fixture, projectId, here, there } = nodes();
    const held = await here.acquire(projectId, 'b');
    const codes = { 0: 'LOCK_CONTENDED', 1: 'LOCK_TIMEOUT', 100: 'LOCK_TIMEOUT' };
    for (const [waitMs, code] of Object.entries(codes)) {
      const all = there.acquireAll(projectId, ['c', 'b', 'a'], { waitMs: Number(waitMs) });
      await expect(all, waitMs).rejects.toMatchObject({ code });
      expect(await fixture.rows()).toEqual({ holdings: 1, waiters: 0 });
    }
    await held.release();
  });
});

describe('names of resources', () => {
  test('stand under their prefixes by segments, not by characters', () => {
    expect(prefixesOf('a/b/c')).toEqual(['a', 'a/b', 'a/b/c']);
    expect([overlaps('a', 'a/b'), overlaps('a/b', 'a'), overlaps('a', 'ab'), overlaps('a/b', 'a/c')]).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  test('are compared as the database does it, byte by byte', () => {
    expect(['\u{10000}', '\uffff', 'b', 'a/b', 'a0', 'a'].sort(compareNames)).toEqual([
      'a',
      'a/b',
      'a0',
      'b',
      '\uffff',
      '\u{10000}',
    ]);
  });

  test('of one batch stand alone unless another of the same project overlaps', () => {
    const calls = ['p a', 'p a/b', 'p c', 'q a', 'q x/y/z', 'q x', 'p d', 'p d'].map((text) => {
      const [projectId = '', resource = ''] = text.split(' ');
      return { projectId, resource };
    });
    expect(standAlone(calls)).toEqual([false, false, true, true, false, false, false, false]);
  });
});
