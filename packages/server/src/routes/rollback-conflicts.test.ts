import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiHarness, openApi } from '../testing/api-harness.ts';

let api: ApiHarness;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

const draw = (body: unknown) => api.call('POST', '/api/v1/rollback/conflicts/visual-diff', { body });
const resolve = (body: unknown) => api.call('POST', '/api/v1/rollback/conflicts/resolve', { body });
const conflict = {
  path: 'config:app',
  type: 'value_mismatch',
  currentValue: { port: 8080, apiKey: 'secret-now' },
  rollbackValue: { port: 3000, apiKey: 'secret-then', debug: true },
};

describe('conflicts of rollbacks over HTTP', () => {
  it('are drawn with their choices, secrets hidden unless asked for', async () => {
    const { status, json, text } = await draw({ conflict });
    expect(status).toBe(200);
    expect(json.diff).toMatchObject({
      type: 'json',
      conflict: { path: 'config:app' },
      summary: { severity: 'medium' },
    });
    expect(json.choices.primary).toMatchObject({ id: 'use-rollback', strategy: 'overwrite', confidence: 85 });
    expect(json.choices.alternatives.map(({ id }: { id: string }) => id)).toEqual(['keep-current', 'smart-merge']);
    expect(text).not.toMatch(/secret-/);
    expect((await draw({ conflict, masked: false })).text).toContain('secret-now');
    const semantic = await draw({ conflict, type: 'semantic' });
    expect(semantic.json.diff.changes.map(({ content }: { content: string }) => content)).toContain('debug: true');
  });

  it('are worked out as asked', async () => {
    const merged = await resolve({ conflict, strategy: 'merge' });
    expect([merged.status, merged.json]).toEqual([
      200,
      expect.objectContaining({
        success: true,
        strategy: 'merge',
        confidence: 72,
        mergedValue: { ...conflict.rollbackValue, ...conflict.currentValue },
      }),
    ]);
    expect((await resolve({ conflict, strategy: 'merge', settings: { preferNewer: false } })).json).toMatchObject({
      mergedValue: conflict.rollbackValue,
    });
    const base = { port: 8080, apiKey: 'secret-now' };
    expect((await resolve({ conflict, strategy: 'merge', context: { base } })).json).toMatchObject({
      confidence: 95,
      mergedValue: conflict.rollbackValue,
    });
    for (const strategy of ['abort', 'ask_user']) {
      expect((await resolve({ conflict, strategy })).json).toMatchObject({ success: false, strategy, confidence: 0 });
    }
  });

  it('know an absent value from null', async () => {
    const gone = { path: 'entity:a', type: 'missing_target', rollbackValue: { a: 1 } };
    const { json } = await draw({ conflict: gone });
    expect(json.diff.changes.map(({ content }: { content: string }) => content)).toEqual(['object: {"a":1}', 'absent']);
    const skipped = (await resolve({ conflict: gone, strategy: 'merge' })).json;
    expect(skipped).toMatchObject({ success: true, strategy: 'skip', confidence: 100 });
    expect('mergedValue' in skipped).toBe(false);
  });

  it('are refused where they are none, or cannot be drawn', async () => {
    for (const [body, code] of [
      [{ conflict: { ...conflict, type: 'VALUE_MISMATCH' }, strategy: 'merge' }, 'VALIDATION_FAILED'],
      [{ conflict, strategy: 'guess' }, 'VALIDATION_FAILED'],
      [{ conflict, strategy: 'merge', mode: 'fast' }, 'UNKNOWN_FIELD'],
      [{ conflict: { ...conflict, extra: 1 }, strategy: 'merge' }, 'UNKNOWN_FIELD'],
      [{ conflict, strategy: 'merge', settings: { preferOlder: true } }, 'UNKNOWN_FIELD'],
    ] as const) {
      const { status, json } = await resolve(body);
      expect([status, json.code]).toEqual([400, code]);
    }
    const long = await draw({ conflict: { ...conflict, currentValue: 'x'.repeat(4_000_001), rollbackValue: 'y' } });
    expect([long.status, long.json.code, long.json.conflictPath]).toEqual([422, 'VISUAL_DIFF_FAILED', 'config:app']);
  });
});
