import { expect, it } from 'vitest';
import { z } from 'zod';
import { parseInput } from './parse-input.ts';
import { SignalboxError } from './signalbox-error.ts';

const schema = z.strictObject({
  name: z.string().min(2),
  size: z.int().default(1),
  inner: z.strictObject({ flag: z.boolean() }).optional(),
  data: z.json().optional(),
});

function refusal(input: unknown): SignalboxError {
  try {
    parseInput(schema, input);
  } catch (error) {
    if (SignalboxError.is(error)) return error;
    throw error;
  }
  throw new Error('it was taken');
}

it('answers what the schema makes of right input', () => {
  expect(parseInput(schema, { name: 'ab' })).toEqual({ name: 'ab', size: 1 });
});

it('names every problem with the path of its field', () => {
  const { code, status, details } = refusal({ name: 'a', inner: { flag: 1 } });
  expect([code, status]).toEqual(['VALIDATION_FAILED', 400]);
  expect(details.problems).toMatchObject([{ path: 'name' }, { path: 'inner.flag' }]);
  expect(details.reason).toContain('inner.flag: ');
});

it('names an unknown field, and those that are known', () => {
  expect(refusal({ name: 'ab', nmae: 1 })).toMatchObject({
    code: 'UNKNOWN_FIELD',
    details: { field: 'nmae', known: ['name', 'size', 'inner', 'data'] },
  });
  expect(refusal({ name: 'ab', inner: { flag: true, flga: 1 } })).toMatchObject({ details: { field: 'inner.flga' } });
  expect(refusal({ name: 'a', nmae: 1 }).code).toBe('VALIDATION_FAILED');
});

it('refuses what nests too deeply, instead of overflowing the stack', () => {
  const nested = (levels: number): unknown => Array.from({ length: levels }).reduce<unknown>((inner) => [inner], 1);
  expect(parseInput(schema, { name: 'ab', data: nested(90) })).toMatchObject({ name: 'ab' });
  expect(refusal({ name: 'ab', data: nested(10_000) }).details.reason).toContain('deeper');
});
