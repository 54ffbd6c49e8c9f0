import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SignalboxError } from '../errors/index.ts';
import { Batcher, type Outcome } from './index.ts';

interface Call {
  id: number;
  key: string;
  kind: 'good' | 'refused' | 'poison';
}

const load = fc.record({
  calls: fc.array(
    fc.record({
      key: fc.constantFrom('a', 'b', 'c'),
      kind: fc.constantFrom<Call['kind']>('good', 'good', 'good', 'refused', 'poison'),
      pauseBefore: fc.integer({ min: 0, max: 3 }),
    }),
    { maxLength: 60 },
  ),
  maxBatch: fc.integer({ min: 1, max: 8 }),
  maxWaiting: fc.integer({ min: 1, max: 20 }),
  weights: fc.boolean(),
  faults: fc.array(
    fc.constantFrom(null, null, null, 'DATABASE_UNAVAILABLE', 'OUTCOME_UNKNOWN', 'SERIALIZATION_FAILED', 'surprise'),
    {
      maxLength: 20,
    },
  ),
});

test('each call gets exactly one answer, in order per key, within the bounds, whatever fails', async () => {
  await fc.assert(
    fc.asyncProperty(load, async ({ calls, maxBatch, maxWaiting, weights, faults }) => {
      const applied: Call[] = [];
      const violations: string[] = [];
      let inFlight = 0;
      let fault = 0;
      const batcher = new Batcher<Call, number>({
        verb: 'test.load',
        maxBatch,
        maxWaiting,
        ...(weights ? { weigh: ({ id }: Call) => 1 + (id % 4), maxBatchWeight: 6 } : {}),
        run: async (batch) => {
          inFlight += 1;
          if (inFlight > 1) violations.push('two batches in flight');
          if (batch.length > maxBatch) violations.push(`a batch of ${batch.length}`);
          await turn();
          inFlight -= 1;
          const code = faults[fault++];
          if (code === 'surprise') throw new Error('surprise');
          if (code) throw new SignalboxError(code);
          if (batch.some(({ kind }) => kind === 'poison')) throw new Error('poison');
          return batch.map((call): Outcome<number> => {
            if (call.kind === 'refused') return { error: new Error('refused') };
            applied.push(call);
            return { value: call.id };
          });
        },
      });
      const answers: Promise<unknown>[] = [];
      for (const [id, { key, kind, pauseBefore }] of calls.entries()) {
        for (let i = 0; i < pauseBefore; i += 1) await turn();
        answers.push(
          batcher.call({ id, key, kind }).then(
            (value) => ({ value }),
            (error: unknown) => ({ error }),
          ),
        );
        expect(batcher.waiting).toBeLessThanOrEqual(maxWaiting);
      }
      const settled = (await Promise.all(answers)) as ({ value: number } | { error: Error })[];
      await batcher.drain();

      expect(violations).toEqual([]);
      expect(batcher.waiting).toBe(0);
      const succeeded = settled.flatMap((answer, id) => ('value' in answer ? [[id, answer.value]] : []));
      expect(succeeded.every(([id, value]) => id === value)).toBe(true);
      // What was applied is what was answered as applied, once each: nothing lost, nothing twice.
      expect(applied.map(({ id }) => id).sort((a, b) => a - b)).toEqual(succeeded.map(([id]) => id));
      for (const key of ['a', 'b', 'c']) {
        const order = applied.filter((call) => call.key === key).map(({ id }) => id);
        expect(order).toEqual([...order].sort((a, b) => a - b));
      }
      for (const [id, answer] of settled.entries()) {
        const kind = calls[id]?.kind;
        if (kind === 'poison' || kind === 'refused') expect(answer).toHaveProperty('error');
        // An innocent call fails only by a fault of its own run or for lack of room, never by a neighbour's poison.
        if (kind === 'good' && 'error' in answer) expect(answer.error.message).not.toMatch(/poison|refused/);
      }
    }),
    { numRuns: 300 },
  );
});
