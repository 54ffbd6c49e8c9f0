import { createClient, type Session } from '@signalbox/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ServedCli, serveCli, temporaryFolder } from '../testing/index.ts';

/** A server that starts on a busy machine. */
const START_MS = 300_000;

let server: ServedCli;
let sessions: Session[];

beforeAll(async () => {
  server = await serveCli();
  const client = createClient({ baseUrl: server.url });
  const workspace = await client.workspaces.create({ path: temporaryFolder('signalbox-cli-paths-') });
  sessions = await Promise.all(
    ['Holds', 'Wants'].map((title) =>
      client.sessions.create({ title: `${title} a path`, initialPrompt: 'x', workspaceId: workspace.id, start: true }),
    ),
  );
}, START_MS);
afterAll(async () => {
  expect((await server?.stop())?.code).toBe(0);
});

describe('commands about paths', () => {
  it('claim, list, refuse and release, by the session that is named or that a run stands in', async () => {
    const [holder, other] = sessions.map(({ id }) => id) as [string, string];
    const claimed = await server.cli(['paths', 'claim', 'src/**', 'README.md', '--session', holder, '--json']);
    const claim = JSON.parse(claimed.stdout);
    expect(claim).toMatchObject({
      sessionId: holder,
      status: 'held',
      paths: [{ path: 'src/**' }, { path: 'README.md' }],
    });
    const list = await server.cli(['paths', 'list']);
    expect(list.stdout).toMatch(/^ID +STATUS +MODE +PATHS +SESSION +SINCE\n.*held +exclusive +src\/\*\*, README\.md/);

    const env = { SIGNALBOX_SESSION_ID: other };
    const refused = await server.cli(['paths', 'claim', 'src/a.ts', '--refuse'], { env });
    expect([refused.code, refused.stderr]).toEqual([4, expect.stringContaining('Holds a path')]);
    const late = await server.cli(['paths', 'claim', 'src/a.ts', '--wait', '1s'], { env });
    expect([late.code, late.stderr]).toEqual([4, expect.stringContaining('did not become free')]);

    expect((await server.cli(['paths', 'release', claim.id])).stdout).toContain('Released src/**, README.md');
    expect((await server.cli(['paths', 'release', claim.id])).code).toBe(3);
    const now = await server.cli(['paths', 'claim', 'src/a.ts', '--shared', '--ttl', '1m', '--json'], { env });
    const taken = JSON.parse(now.stdout);
    expect(taken).toMatchObject({ sessionId: other, mode: 'shared', ttlSeconds: 60 });
    const forced = await server.cli(['paths', 'release', taken.id, '--force', 'it hangs']);
    expect(forced.code).toBe(0);
    expect((await server.cli(['paths', 'list'])).stderr).toContain('No paths are claimed.');
  });

  it('claim asks for a session where none is known', async () => {
    const result = await server.cli(['paths', 'claim', 'x']);
    expect([result.code, result.stderr]).toEqual([2, expect.stringContaining('--session')]);
  });

  it('conflicts says so when there are none, and acknowledge when there is no such', async () => {
    expect((await server.cli(['paths', 'conflicts', '--session', 'last'])).stderr).toContain('Nobody is in anybody');
    const result = await server.cli(['paths', 'acknowledge', sessions[0]?.id ?? '']);
    expect(result.code).toBe(3);
  });
});
