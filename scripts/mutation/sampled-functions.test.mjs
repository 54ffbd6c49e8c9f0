import { afterEach, describe, expect, test, vi } from 'vitest';

const functions = Array.from({ length: 2_000 }, (_, n) => n);

/** Which of many functions are left in, by where they stand. */
async function kept(setting) {
  vi.stubEnv('SIGNALBOX_MUTANTS', setting);
  vi.resetModules();
  const { strykerPlugins } = await import('./sampled-functions.mjs');
  const { shouldIgnore } = strykerPlugins[0].value;
  const at = (start, above = null) => ({
    node: { start, end: start + 50 },
    isFunction: () => true,
    findParent: (found) => (above !== null && found(above) ? above : null),
  });
  return {
    ids: functions.filter((start) => shouldIgnore(at(start)) === undefined),
    within: functions.filter((start) => shouldIgnore(at(start, at(0))) === undefined),
    statements: functions.filter((start) => shouldIgnore({ ...at(start), isFunction: () => false }) === undefined),
  };
}

describe('the sample of functions for mutations', () => {
  afterEach(() => vi.unstubAllEnvs());

  test('is a share of them, the same each time, another one by another seed', async () => {
    const { ids } = await kept('0.25');
    expect(ids.length).toBeGreaterThan(400);
    expect(ids.length).toBeLessThan(600);
    expect((await kept('0.25')).ids).toEqual(ids);
    expect((await kept('0.25:7')).ids).not.toEqual(ids);
    expect((await kept('1')).ids).toEqual(functions);
  });

  test('takes functions as a whole, with what stands in them', async () => {
    const { within, statements } = await kept('0.01');
    expect([within, statements]).toEqual([functions, functions]);
  });

  test('refuses what is no share', async () => {
    for (const setting of ['0', '1.5', 'all']) await expect(kept(setting)).rejects.toThrow('SIGNALBOX_MUTANTS');
  });
});
