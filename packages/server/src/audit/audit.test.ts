import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiHarness, openApi } from '../testing/api-harness.ts';

let api: ApiHarness;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

describe('audit over HTTP', () => {
  it('tells who did what, filtered and in pages, and refuses a mistyped filter', async () => {
    const headers = { 'x-signalbox-actor': 'mia' };
    const made = await api.call('POST', '/api/v1/sessions', {
      body: { title: 'Audited work', initialPrompt: 'x' },
      headers,
    });
    await api.call('POST', `/api/v1/sessions/${made.json.id}/cancel`, { headers });
    const { json } = await api.call('GET', `/api/v1/audit?subjectId=${made.json.id}&sortBy=at&sortOrder=asc`);
    expect(json.items.map((event: { action: string }) => event.action)).toEqual(['session.create', 'session.cancel']);
    expect(json.items[0]).toMatchObject({ actor: 'mia', versionAfter: 1 });
    expect((await api.call('GET', '/api/v1/audit?actor=nobody')).json.total).toBe(0);
    const mistyped = await api.call('GET', '/api/v1/audit?acter=mia');
    expect([mistyped.status, mistyped.json.filter]).toEqual([400, 'acter']);
  });

  it('verifies what is sealed, and says what is not yet', async () => {
    const before = (await api.call('GET', '/api/v1/audit/verify')).json;
    expect(before).toMatchObject({ ok: true, sealedThrough: null });
    expect(before.unsealed).toBeGreaterThan(0);
    await api.audit.seal();
    const after = (await api.call('GET', '/api/v1/audit/verify')).json;
    expect(after).toMatchObject({ ok: true, sealed: before.unsealed, unsealed: 0, problems: [] });
    expect(after.sealedThrough.position).toBe(before.unsealed);
  });
});
