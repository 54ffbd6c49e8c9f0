import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createClient } from '@signalbox/client';
import { loadConfiguration } from '@signalbox/core';
import { createServer } from '@signalbox/server';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { startLoopbackModel } from './loopback-model.ts';
import { opencodeOrSkip } from './opencode-program.ts';

const run = promisify(execFile);
const CLI = fileURLToPath(new URL('../../../packages/cli/bin/signalbox.mjs', import.meta.url));
const LIMIT_MS = 240_000;
const PATIENCE = { timeout: 120_000, interval: 200 };
const program = await opencodeOrSkip(1);

test.skipIf(!program)(
  'the real OpenCode, connected: its session appears, its changes are its own, people answer its calls, and disconnecting leaves no trace',
  async () => {
    const root = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-opencode-hooks-')));
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
    const bash = (command: string) => ({
      toolCalls: [{ name: 'bash', arguments: { command, description: 'Works' } }],
      usage: { inputTokens: 1_000, outputTokens: 100 },
    });
    const model = await startLoopbackModel([
      { toolCalls: [{ name: 'write', arguments: { filePath: join(work, 'made.txt'), content: 'made\n' } }] },
      bash('rm -rf build keep'),
      bash('rm -rf build'),
      bash('false && exit 3; echo by shell > shell.txt'),
      { toolCalls: [{ name: 'read', arguments: { filePath: join(work, 'nowhere.txt') } }] },
      { text: 'The build is gone.' },
    ]);
    // What a person has written, with a remark that has to stay. Without a schema OpenCode itself would write one into it.
    const schema = '"$schema": "https://opencode.ai/config.json"';
    const provided = JSON.stringify(model.opencodeConfig()).slice(1, -1);
    const config = `{\n\t${schema}, // Of ours.\n\t${provided},\n\t"model": "${model.name}"\n}`;
    const home = join(root, 'home');
    const env = {
      PATH: process.env.PATH,
      HOME: home,
      SIGNALBOX_URL: '',
      OPENCODE_DISABLE_AUTOUPDATE: '1',
      OPENCODE_DISABLE_MODELS_FETCH: '1',
      OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
      OPENCODE_DISABLE_DEFAULT_PLUGINS: '1',
      OPENCODE_DISABLE_SHARE: '1',
    };
    const signalbox = (...args: string[]) =>
      run(process.execPath, ['--conditions=source', CLI, ...args], { cwd: work, env });
    try {
      await writeFile(join(work, 'opencode.jsonc'), config);
      // A note that what OpenCode installs into its directories is there: else it would ask the network for it.
      await mkdir(join(home, '.config', 'opencode', 'node_modules'), { recursive: true });
      const installed = { lockfileVersion: 3, packages: { '': { dependencies: { '@opencode-ai/plugin': '*' } } } };
      await writeFile(join(home, '.config', 'opencode', 'package-lock.json'), JSON.stringify(installed));
      const { address } = await server.start();
      env.SIGNALBOX_URL = address;
      const client = createClient({ baseUrl: address, actor: 'ann' });
      const rule = {
        id: 'rm',
        name: 'Deletions',
        match: { commands: [{ programs: ['rm'] }], runtimes: ['opencode'] },
        effect: 'require_approval',
      };
      await client.policies.create({ document: { name: 'house', rules: [rule], default: 'allow' } } as never);
      await signalbox('connect', 'opencode', '--yes');
      expect((await signalbox('connect', 'opencode', '--yes')).stderr).toContain('Nothing has to be changed.');

      const opencode = run(program ?? '', ['run', 'Delete the build'], { cwd: work, env });
      opencode.child.stdin?.end();
      const open = async () => (await client.approvals.list({ status: 'pending' })).items;
      const pending = async (summary: string) => {
        await expect.poll(async () => (await open()).map((one) => one.summary), PATIENCE).toEqual([summary]);
        return (await open())[0]?.id ?? '';
      };
      await client.approvals.reject(await pending('bash: rm -rf build keep'), 'keep is ours');
      const deletion = await pending('bash: rm -rf build');
      const [asking] = (await client.sessions.list({})).items;
      await expect.poll(async () => (await client.sessions.get(asking?.id ?? '')).status, PATIENCE).toBe('paused');
      expect(await readdir(work)).toContain('build');
      await client.approvals.approve(deletion);
      const { stdout } = await opencode;
      expect(stdout).toContain('The build is gone.');
      expect(await readdir(work)).not.toContain('build');
      expect(JSON.stringify(model.turns()[2]?.messages)).toContain('keep is ours');

      const ended = async () => (await client.sessions.list({})).items.map(({ status }) => status);
      await expect.poll(ended, PATIENCE).toEqual(['completed']);
      const session = (await client.sessions.list({})).items[0];
      // The program puts what was given in one word into quotes.
      expect(session).toMatchObject({ title: '"Delete the build"', tags: ['opencode'], runtime: null });
      const events = (await client.journal.read(session?.id ?? '', { pageSize: 100 })).items;
      const of = (type: string) => events.flatMap((event) => (event.type === type ? [event.payload] : []));
      expect(of('tool_result')).toMatchObject([
        { tool: 'write', status: 'completed' },
        { tool: 'bash', status: 'denied' },
        { tool: 'bash', status: 'completed' },
        { tool: 'bash', status: 'completed' },
        { tool: 'read', status: 'error' },
      ]);
      expect(of('file_change')).toEqual([
        expect.objectContaining({ path: 'made.txt', callId: 'call_0_0', attribution: 'tool_call' }),
        expect.objectContaining({ path: 'shell.txt', callId: 'call_3_0' }),
      ]);
      expect(of('message')).toMatchObject([
        { role: 'user', text: '"Delete the build"' },
        { role: 'assistant', text: 'The build is gone.' },
      ]);
      const metrics = await client.sessions.metrics(session?.id ?? '');
      expect(metrics).toMatchObject({ apiCallsCount: 6, toolCallsCount: 5, inputTokens: '3030', outputTokens: '315' });
      expect(Number(metrics.estimatedCostMicroUsd)).toBe(3_030 * 3 + 315 * 15);

      await signalbox('disconnect', 'opencode', '--yes');
      expect(await readFile(join(work, 'opencode.jsonc'), 'utf8')).toBe(config);
      expect((await readdir(work, { recursive: true })).sort()).toEqual(['made.txt', 'opencode.jsonc', 'shell.txt']);
    } finally {
      await model.close();
      await server.stop('stop');
      await rm(root, { recursive: true, force: true });
    }
  },
  LIMIT_MS,
);
