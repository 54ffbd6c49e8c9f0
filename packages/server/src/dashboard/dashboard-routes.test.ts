import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiHarness, openApi } from '../testing/api-harness.ts';

const PAGE = '<!doctype html><title>Signalbox</title><script type="module" src="/assets/app-a1b2c3.js"></script>';
const page = { accept: 'text/html,application/xhtml+xml' };

describe('the dashboard', () => {
  let api: ApiHarness;
  beforeAll(async () => {
    const directory = mkdtempSync(join(tmpdir(), 'signalbox-dashboard-'));
    mkdirSync(join(directory, 'assets'));
    writeFileSync(join(directory, 'index.html'), PAGE);
    writeFileSync(join(directory, 'assets', 'app-a1b2c3.js'), 'export {};');
    api = await openApi({ dashboardDirectory: directory });
  });
  afterAll(() => api.close());

  it('is served at the root and at every address of its own', async () => {
    for (const url of ['/', '/sessions', '/sessions/0199-x?tab=timeline', '/settings/keys']) {
      const answer = await api.call('GET', url, { headers: page });
      expect([url, answer.status, answer.text]).toEqual([url, 200, PAGE]);
      expect(answer.headers['content-type']).toContain('text/html');
      expect(answer.headers['content-security-policy']).toContain("script-src 'self'");
    }
  });

  it('keeps files with digests for ever, and asks again for the page', async () => {
    const asset = await api.call('GET', '/assets/app-a1b2c3.js');
    expect([asset.status, asset.headers['cache-control']]).toEqual([200, 'public, max-age=31536000, immutable']);
    const index = await api.call('GET', '/', { headers: page });
    expect(index.headers['cache-control']).toBe('no-cache');
    const again = await api.call('GET', '/', { headers: { ...page, 'if-none-match': String(index.headers.etag) } });
    expect(again.status).toBe(304);
    const deep = await api.call('GET', '/sessions', { headers: page });
    expect(deep.headers['cache-control']).toBe('no-cache');
  });

  it('does not stand in for files, addresses of the API, or for programs', async () => {
    const answers = [
      await api.call('GET', '/assets/gone-ffffff.js', { headers: page }),
      await api.call('GET', '/api/v1/nothing', { headers: page }),
      await api.call('GET', '/sessions', { headers: { accept: 'application/json' } }),
      await api.call('POST', '/sessions', { body: {}, headers: page }),
    ];
    expect(answers.map(({ status, json }) => [status, json.code])).toEqual(Array(4).fill([404, 'ROUTE_NOT_FOUND']));
  });
});

describe('a dashboard that is not built', () => {
  it('says so and what to do, and the API works', async () => {
    const api = await openApi();
    try {
      for (const url of ['/', '/sessions']) {
        const answer = await api.call('GET', url, { headers: page });
        expect([url, answer.status]).toEqual([url, 503]);
        expect(answer.text).toContain('npm run build');
      }
      expect((await api.call('GET', '/api/v1/sessions')).status).toBe(200);
    } finally {
      await api.close();
    }
  });
});
