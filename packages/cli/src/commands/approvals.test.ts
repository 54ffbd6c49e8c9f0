import { type Client, createClient } from '@signalbox/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ServedCli, serveCli } from '../testing/index.ts';

/** A server that starts on a busy machine. */
const START_MS = 300_000;

let server: ServedCli;
let client: Client;
beforeAll(async () => {
  server = await serveCli();
  client = createClient({ baseUrl: server.url, actor: 'agent-1' });
}, START_MS);
afterAll(async () => {
  await server?.stop();
});

describe('approvals on the command line', () => {
  it('are listed, shown, approved, rejected and withdrawn', async () => {
    expect((await server.cli(['approvals', 'list'])).stderr).toContain('Nobody has asked for anything.');
    const { id: sessionId } = await client.sessions.create({ title: 'Careful work', initialPrompt: 'x' });
    const ask = (command: string) => client.approvals.request({ sessionId, tool: 'bash', arguments: { command } });
    const [one, two, three] = [await ask('rm -rf build'), await ask('rm -rf dist'), await ask('git push')];
    expect((await server.cli(['approvals', 'list', '--filter', 'status=pending'])).stdout).toContain(
      'bash: rm -rf dist',
    );
    const { stdout } = await server.cli(['approvals', 'show', one.id]);
    expect(stdout).toContain(`digest     ${one.digest}`);
    expect(stdout).toContain('arguments  {"command":"rm -rf build"}');
    const own = await server.cli(['--actor', 'agent-1', 'approvals', 'approve', one.id]);
    expect([own.code, own.stderr]).toEqual([6, expect.stringContaining('Somebody else must answer it.')]);
    const approved = await server.cli(['--actor', 'ann', 'approvals', 'approve', one.id]);
    expect([approved.code, approved.stdout]).toEqual([0, 'Approved bash: rm -rf build.\n']);
    await server.cli(['--actor', 'ann', 'approvals', 'reject', two.id, '--reason', 'keep it']);
    expect(await client.approvals.get(two.id)).toMatchObject({
      status: 'rejected',
      decidedBy: 'ann',
      reason: 'keep it',
    });
    await server.cli(['approvals', 'withdraw', three.id]);
    expect((await client.approvals.get(three.id)).status).toBe('withdrawn');
    expect((await server.cli(['approvals', 'reject', one.id])).code).toBe(4);
  });
});
