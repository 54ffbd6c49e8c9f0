import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createClient } from '@signalbox/client';
import { loadConfiguration } from '@signalbox/core';
import { createServer } from '@signalbox/server';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { claudeCodeOrSkip } from './claude-code-program.ts';
import { startLoopbackMessages, toolResults } from './loopback-messages.ts';

const run = promisify(execFile);
const CLI = fileURLToPath(new URL('../../../packages/cli/bin/signalbox.mjs', import.meta.url));
const LIMIT_MS = 240_000;
const program = await claudeCodeOrSkip(1);

test.skipIf(!program)(
  'the real program, connected: its session appears, a call is held until people approve it, and its edits are its own',
  async () => {
    const root = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-claude-hooks-')));
    await chmod(root, 0o755);
    const work = join(root, 'work');
    await mkdir(join(work, 'build'), { recursive: true });
    const server = createServer({
      configuration: loadConfiguration({
        cwd: root,
        environment: { SIGNALBOX_DATA_DIR: join(root, 'data'), SIGNALBOX_PORT: '0' },
      }),
      logger: pino({ level: 'silent' }),
    });
    const model = await startLoopbackMessages((request) => {
      const done = toolResults(request);
      const bash = (id: string, command: string) => ({
        calls: [{ id, name: 'Bash', input: { command, description: 'work' } }],
      });
      if (!done.has('toolu_1')) return bash('toolu_1', 'echo made > made.txt');
      if (!done.has('toolu_2')) return bash('toolu_2', 'rm -rf build');
      return { text: 'The build is gone.' };
    });
    try {
      const { address } = await server.start();
      const client = createClient({ baseUrl: address, actor: 'ann' });
      const rule = {
        id: 'rm',
        name: 'Deletions',
        match: { commands: [{ programs: ['rm'] }] },
        effect: 'require_approval',
      };
      await client.policies.create({ document: { name: 'house', rules: [rule], default: 'allow' } } as never);
      const env = { PATH: process.env.PATH, HOME: join(root, 'home'), SIGNALBOX_URL: address };
      await run(process.execPath, ['--conditions=source', CLI, 'connect', 'claude-code', '--yes'], { cwd: work, env });
      const claude = run(
        program ?? '',
        ['-p', 'Delete the build', '--output-format', 'json', '--allowedTools', 'Bash'],
        {
          cwd: work,
          env: {
            ...env,
            ANTHROPIC_BASE_URL: model.url,
            ANTHROPIC_API_KEY: 'dummy',
            CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
          },
        },
      );
      claude.child.stdin?.end();
      const open = async () => (await client.approvals.list({ status: 'pending' })).items;
      await expect.poll(async () => (await open()).length, { timeout: 120_000, interval: 200 }).toBe(1);
      const [approval] = await open();
      expect(approval).toMatchObject({ tool: 'Bash', summary: 'Bash: rm -rf build', requestedBy: 'claude-code' });
      expect(await readdir(work)).toContain('build');
      await client.approvals.approve(approval?.id ?? '');
      const { stdout } = await claude;
      expect(JSON.parse(stdout)).toMatchObject({ is_error: false, result: 'The build is gone.' });
      expect(await readdir(work)).not.toContain('build');
      expect(await readFile(join(work, 'made.txt'), 'utf8')).toBe('made\n');
      const { items } = await client.sessions.list({});
      expect(items).toMatchObject([{ title: 'Delete the build', status: 'completed', tags: ['claude-code'] }]);
      const events = (await client.journal.read(items[0]?.id ?? '', { pageSize: 100 })).items;
      const changes = events.filter(({ type }) => type === 'file_change').map(({ payload }) => payload);
      expect(changes).toContainEqual(expect.objectContaining({ path: 'made.txt', callId: 'toolu_1' }));
    } finally {
      await model.close();
      await server.stop('stop');
      await rm(root, { recursive: true, force: true });
    }
  },
  LIMIT_MS,
);
