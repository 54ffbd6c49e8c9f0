import { chmod, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CreateSession, createClient } from '@signalbox/client';
import { expect, test } from 'vitest';
import { ServerProcess } from '../chaos/server-process.ts';
import { startLoopbackModel } from './loopback-model.ts';
import { opencodeOrSkip } from './opencode-program.ts';

const program = await opencodeOrSkip(1);
const PATIENCE = { timeout: 120_000, interval: 100 };

test.skipIf(!program)(
  'a server killed while a person is asked: the answer afterwards starts OpenCode again, which makes the call that was approved',
  async () => {
    const root = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-held-')));
    await chmod(root, 0o755);
    const work = join(root, 'work');
    await mkdir(join(work, 'build'), { recursive: true });
    await writeFile(join(work, 'build', 'file'), 'built');
    const deletes = { toolCalls: [{ name: 'bash', arguments: { command: 'rm -rf build', description: 'Deletes' } }] };
    await using model = await startLoopbackModel([deletes, deletes, { text: 'Done.' }]);
    const server = await ServerProcess.at(join(root, 'data'), {
      SIGNALBOX_EMBEDDED_TIER: 'pglite',
      SIGNALBOX_LEASE_SECONDS: '3',
      SIGNALBOX_HEARTBEAT_SECONDS: '1',
      SIGNALBOX_RUNTIMES_OPENCODE_PROGRAM: program ?? '',
    });
    const { client } = server;
    const ann = createClient({ baseUrl: server.address, actor: 'ann' });
    try {
      await server.start();
      await server.ready();
      const ask = {
        id: 'ask',
        name: 'Ask',
        match: { commands: [{ programs: ['rm'] }] },
        effect: 'require_approval' as const,
      };
      await client.policies.create({ document: { name: 'house', rules: [ask], default: 'allow' } });
      const { id } = await client.sessions.create({
        title: 'Clean up',
        initialPrompt: 'Delete the build.',
        runtime: 'opencode',
        workspaceId: (await client.workspaces.create({ path: work })).id,
        modelConfig: model.name,
        agentConfig: { opencode: model.opencodeConfig() } as CreateSession['agentConfig'],
        start: true,
      });
      const status = async () => (await client.sessions.get(id)).status;
      await expect.poll(status, PATIENCE).toBe('paused');
      const [asked] = (await client.approvals.list()).items;
      await server.end('SIGKILL');
      await server.start();
      await server.ready();
      await expect.poll(status, PATIENCE).toBe('orphaned');
      expect(await client.approvals.get(asked?.id ?? '')).toMatchObject({ status: 'pending', sessionId: id });
      expect(await readFile(join(work, 'build', 'file'), 'utf8')).toBe('built');

      await ann.approvals.approve(asked?.id ?? '', 'it is made anew');
      await expect.poll(status, PATIENCE).toBe('completed');
      await expect(readFile(join(work, 'build', 'file'))).rejects.toMatchObject({ code: 'ENOENT' });
      expect(JSON.stringify(model.turns()[1]?.messages)).toContain('ann has approved it (it is made anew)');
      const approvals = (await client.approvals.list()).items;
      expect(approvals.map((one) => [one.id, one.usedAt !== null])).toEqual([[asked?.id, true]]);
      expect((await client.sessions.get(id)).attempt).toBe(2);
    } finally {
      await server.end('SIGTERM');
      await rm(root, { recursive: true, force: true });
    }
  },
  300_000,
);
