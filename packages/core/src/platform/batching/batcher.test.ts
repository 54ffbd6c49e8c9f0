import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pgliteBackend, type TestDatabase } from '../../testing/index.ts';
import { SignalboxError } from '../errors/index.ts';
import { Batcher, type BatcherOptions, type Outcome } from './index.ts';

/** A verb whose batches end only when the test says so. */
function heldVerb(options: Partial<BatcherOptions<string, string>> = {}) {
  const batches: string[][] = [];
  const held: (() => void)[] = [];
  const batcher = new Batcher<string, string>({
    verb: 'test.echo',
    run: async (calls) => {
      batches.push([...calls]);
      await new Promise<void>((resolve) => held.push(resolve));
      return calls.map((call) => ({ value: `${call}!` }));
    },
    ...options,
  });
  return { batcher, batches, release: () => held.shift()?.() };
}

/** A verb that fails as the test says. */
function failingVerb(fail: (calls: readonly string[]) => unknown) {
  const batches: string[][] = [];
  const batcher = new Batcher<string, string>({
    verb: 'test.fail',
    run: async (calls) => {
      batches.push([...calls]);
      const error = fail(calls);
      if (error) throw error;
      return calls.map((call) => ({ value: call }));
    },
  });
  return { batcher, batches };
}

describe('natural batching', () => {
  test('with two lanes many calls travel in two shares at once, few in one, and none is forgotten', async () => {
    const { batcher, batches, release } = heldVerb({ lanes: 2 });
    const few = Promise.all(['a', 'b'].map((call) => batcher.call(call)));
    await turn();
    await turn();
    expect(batches).toEqual([['a', 'b']]);
    release();
    await few;
    const names = Array.from({ length: 100 }, (_, n) => `c${n}`);
    const many = Promise.all(names.map((call) => batcher.call(call)));
    await turn();
    await turn();
    expect(batches.slice(1).map(({ length }) => length)).toEqual([50, 50]);
    release();
    release();
    expect(await many).toEqual(names.map((name) => `${name}!`));
    await batcher.drain();
    expect(batches.flat()).toEqual(['a', 'b', ...names]);
    expect(batcher.idle).toBe(true);
  });

  test('calls made while a batch is in flight become the next batch, in their order', async () => {
    const { batcher, batches, release } = heldVerb();
    const first = batcher.call('a');
    await turn();
    const rest = Promise.all([batcher.call('b'), batcher.call('c'), batcher.call('d')]);
    await turn();
    expect(batches).toEqual([['a']]);
    expect(batcher.waiting).toBe(3);
    release();
    expect(await first).toBe('a!');
    await turn();
    await turn();
    release();
    expect(await rest).toEqual(['b!', 'c!', 'd!']);
    expect(batches).toEqual([['a'], ['b', 'c', 'd']]);
  });

  test('calls made in one tick travel together from the first batch on', async () => {
    const { batcher, batches, release } = heldVerb();
    const calls = Promise.all([batcher.call('a'), batcher.call('b')]);
    await turn();
    release();
    await calls;
    expect(batches).toEqual([['a', 'b']]);
  });

  test('a caller that calls again on its answer catches the very next batch', async () => {
    const { batcher, batches, release } = heldVerb();
    const again = Promise.all(['a', 'b'].map(async (name) => batcher.call(`${await batcher.call(name)}2`)));
    await turn();
    release();
    await turn();
    await turn();
    release();
    await again;
    expect(batches).toEqual([
      ['a', 'b'],
      ['a!2', 'b!2'],
    ]);
  });

  test('keeps within the number and the weight of a batch; a heavier call travels alone', async () => {
    const { batcher, batches, release } = heldVerb({
      maxBatch: 3,
      weigh: (call) => call.length,
      maxBatchWeight: 5,
    });
    const all = Promise.all(['1', '2', '3', '4', 'four', 'toolongforone', '5'].map((call) => batcher.call(call)));
    for (let i = 0; i < 10; i += 1) {
      await turn();
      release();
    }
    await all;
    expect(batches).toEqual([['1', '2', '3'], ['4', 'four'], ['toolongforone'], ['5']]);
  });

  test('two calls that share an exclusive name never travel in one batch', async () => {
    const { batcher, batches, release } = heldVerb({ exclusive: (call) => [call] });
    const all = Promise.all(['a', 'b', 'a', 'c'].map((call) => batcher.call(call)));
    for (let i = 0; i < 6; i += 1) {
      await turn();
      release();
    }
    await all;
    expect(batches).toEqual([
      ['a', 'b'],
      ['a', 'c'],
    ]);
  });

  test('refuses with OVERLOADED what exceeds the queue, by number and by weight, and serves the rest', async () => {
    const refused: string[] = [];
    const { batcher, release } = heldVerb({
      maxWaiting: 2,
      weigh: (call) => call.length,
      maxWaitingWeight: 10,
      observer: { batch: () => undefined, refused: (verb) => refused.push(verb) },
    });
    const first = batcher.call('a');
    await turn();
    const second = batcher.call('b');
    await expect(batcher.call('0123456789')).rejects.toMatchObject({ code: 'OVERLOADED' });
    const third = batcher.call('c');
    await expect(batcher.call('d')).rejects.toMatchObject({
      code: 'OVERLOADED',
      details: { verb: 'test.echo', waiting: 2 },
    });
    release();
    await turn();
    await turn();
    release();
    expect(await Promise.all([first, second, third])).toEqual(['a!', 'b!', 'c!']);
    expect(refused).toEqual(['test.echo', 'test.echo']);
  });

  test('an outcome that is an error belongs to its caller alone', async () => {
    const batcher = new Batcher<number, number>({
      verb: 'test.odd',
      run: async (calls) =>
        calls.map((n): Outcome<number> => (n % 2 ? { error: new Error(`odd ${n}`) } : { value: n })),
    });
    const settled = await Promise.allSettled([0, 1, 2, 3].map((n) => batcher.call(n)));
    expect(settled.map((one) => (one.status === 'fulfilled' ? one.value : String(one.reason)))).toEqual([
      0,
      'Error: odd 1',
      2,
      'Error: odd 3',
    ]);
  });

  test('an unexpected error is run down by halves to the guilty call', async () => {
    const { batcher, batches } = failingVerb((calls) => (calls.includes('bad') ? new Error('no') : null));
    const settled = await Promise.allSettled(['a', 'b', 'bad', 'c', 'd'].map((call) => batcher.call(call)));
    expect(settled.map((one) => one.status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    expect(batches).toEqual([['a', 'b', 'bad', 'c', 'd'], ['a', 'b', 'bad'], ['a', 'b'], ['bad'], ['c', 'd']]);
  });

  test.each(['DATABASE_UNAVAILABLE', 'OUTCOME_UNKNOWN'] as const)(
    '%s is the error of the whole batch, tried once',
    async (code) => {
      const { batcher, batches } = failingVerb(() => new SignalboxError(code));
      const settled = await Promise.allSettled(['a', 'b', 'c'].map((call) => batcher.call(call)));
      expect(settled).toMatchObject(Array.from({ length: 3 }, () => ({ status: 'rejected', reason: { code } })));
      expect(batches).toHaveLength(1);
    },
  );

  test('a deadlock makes the batch go again as it is', async () => {
    let failures = 1;
    const { batcher, batches } = failingVerb(() =>
      failures-- > 0 ? new SignalboxError('SERIALIZATION_FAILED') : null,
    );
    expect(await Promise.all([batcher.call('a'), batcher.call('b')])).toEqual(['a', 'b']);
    expect(batches).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
  });

  test('too few outcomes are an error of the callers left out, and the batch is not run again', async () => {
    let runs = 0;
    const batcher = new Batcher<string, string>({
      verb: 'test.short',
      run: async () => {
        runs += 1;
        return [{ value: 'first' }];
      },
    });
    const settled = await Promise.allSettled([batcher.call('a'), batcher.call('b')]);
    expect(settled).toMatchObject([
      { status: 'fulfilled', value: 'first' },
      { status: 'rejected', reason: { code: 'REPOSITORY_ERROR' } },
    ]);
    expect(runs).toBe(1);
  });

  test('many calls by one caller travel with those of others, and each gets its own outcome in one answer', async () => {
    const batches: number[][] = [];
    const batcher = new Batcher<number, number>({
      verb: 'test.many',
      maxBatch: 4,
      run: async (calls) => {
        batches.push([...calls]);
        if (calls.includes(13)) throw new Error('poison');
        return calls.map((n): Outcome<number> => (n % 2 ? { error: new Error(`odd ${n}`) } : { value: n * 10 }));
      },
    });
    const [alone, many, none] = await Promise.all([
      batcher.call(2),
      batcher.callMany([4, 5, 6, 13, 8]),
      batcher.callMany([]),
    ]);
    expect([alone, none]).toEqual([20, []]);
    expect(many.map((one) => ('error' in one ? String(one.error) : one.value))).toEqual([
      40,
      'Error: odd 5',
      60,
      'Error: poison',
      80,
    ]);
    expect(batches).toEqual([[2, 4, 5, 6], [13, 8], [13], [8]]);
    await batcher.drain();
    expect(batcher.idle).toBe(true);
  });

  test('many calls by one caller are taken all or refused all', async () => {
    const { batcher, batches, release } = heldVerb({ maxWaiting: 3 });
    const first = batcher.call('a');
    await turn();
    const some = batcher.callMany(['b', 'c']);
    await expect(batcher.callMany(['d', 'e'])).rejects.toMatchObject({ code: 'OVERLOADED', details: { waiting: 2 } });
    const last = batcher.call('f');
    release();
    await turn();
    await turn();
    release();
    expect(await Promise.all([first, some, last])).toEqual(['a!', [{ value: 'b!' }, { value: 'c!' }], 'f!']);
    expect(batches).toEqual([['a'], ['b', 'c', 'f']]);
  });

  test('drain resolves after the last answer, also of calls made meanwhile', async () => {
    const { batcher, release } = heldVerb();
    await batcher.drain();
    const answered: string[] = [];
    const first = batcher.call('a').then((value) => answered.push(value));
    const drained = batcher.drain().then(() => answered.push('drained'));
    await turn();
    const second = batcher.call('b').then((value) => answered.push(value));
    release();
    await turn();
    await turn();
    release();
    await Promise.all([first, second, drained]);
    expect(answered).toEqual(['a!', 'b!', 'drained']);
  });

  test('the observer sees the size of every batch and what waits', async () => {
    const seen: unknown[] = [];
    const { batcher, release } = heldVerb({
      observer: {
        batch: (verb, size, failed, waiting) => seen.push([verb, size, failed, waiting]),
        refused: () => undefined,
      },
    });
    const calls = [batcher.call('a')];
    await turn();
    calls.push(batcher.call('b'), batcher.call('c'));
    release();
    await turn();
    await turn();
    release();
    await Promise.all(calls);
    expect(seen).toEqual([
      ['test.echo', 1, false, 2],
      ['test.echo', 2, false, 0],
    ]);
  });
});

describe('natural batching and transactions', () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await pgliteBackend.open();
  });
  afterAll(() => db.close());

  test('the batched form throws inside a transaction instead of waiting for itself', async () => {
    const { batcher } = failingVerb(() => null);
    await expect(db.database.transaction(() => batcher.call('a'))).rejects.toMatchObject({
      code: 'BATCHED_CALL_IN_TRANSACTION',
    });
    expect(await batcher.call('a')).toBe('a');
  });
});
