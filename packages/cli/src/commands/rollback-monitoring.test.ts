import { type Client, createClient } from '@signalbox/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ServedCli, serveCli } from '../testing/index.ts';

/** A server that starts on a busy machine. */
const START_MS = 300_000;

let server: ServedCli;
let client: Client;
beforeAll(async () => {
  server = await serveCli();
  client = createClient({ baseUrl: server.url });
}, START_MS);
afterAll(async () => {
  await server?.stop();
});

describe('monitoring of rollbacks on the command line', () => {
  it('rollback monitoring tells how they stand, for people and for programs', async () => {
    const { stdout } = await server.cli(['rollback', 'monitoring']);
    expect(stdout).toMatch(/health +healthy\n[\s\S]*success +100\.0 %/);
    expect(JSON.parse((await server.cli(['rollback', 'monitoring', '--format', 'json'])).stdout)).toMatchObject({
      dashboard_summary: { healthStatus: 'healthy' },
      active_alerts: [],
    });
    const text = (await server.cli(['rollback', 'monitoring', '--format', 'prometheus'])).stdout;
    expect(text).toContain('\nrollback_success_rate 100\n');
    expect(text.endsWith('\n')).toBe(true);
    expect(await client.rollbackMonitoring.exportPrometheus()).toContain('rollback_total_points 0');
    expect((await server.cli(['rollback', 'monitoring', '--format', 'xml'])).code).toBe(2);
  });

  it('rollback alerts lists them, and says when there is none to resolve', async () => {
    expect((await server.cli(['rollback', 'alerts'])).stderr).toContain('There are no alerts.');
    expect(JSON.parse((await server.cli(['--json', 'rollback', 'alerts', 'list'])).stdout)).toMatchObject({ total: 0 });
    expect((await server.cli(['rollback', 'alerts', 'resolve', '01890000-0000-7000-8000-000000000000'])).code).toBe(3);
  });
});
