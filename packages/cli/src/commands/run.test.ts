import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '@signalbox/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ServedCli, serveCli, temporaryFolder } from '../testing/index.ts';

/** A server that starts on a busy machine. */
const START_MS = 300_000;

let server: ServedCli;
let workspace = '';

beforeAll(async () => {
  server = await serveCli();
  workspace = temporaryFolder('signalbox-run-');
}, START_MS);
afterAll(() => server?.stop());

const node = (script: string) => ['run', '--', process.execPath, '-e', script];

describe('signalbox run', () => {
  it('reads and pipes like the command itself, and remarks on stderr', async () => {
    const command = node('console.log("to stdout"); console.error("to stderr")');
    const { result: ended } = server.start(command, { cwd: workspace });
    const result = await ended;
    expect(result).toMatchObject({ code: 0, stdout: 'to stdout\n' });
    expect(result.stderr).toMatch(/session [0-9a-f-]{36}[\s\S]*to stderr[\s\S]*session completed/);
  });

  it('ends with 1 when the command fails', async () => {
    const result = await server.cli(node('process.exit(3)'), { cwd: workspace });
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(/session failed/);
  });

  it('starts the session with the limits that are given, and with --detach leaves it alone', async () => {
    const limits = ['--max-duration', '2h', '--cpu', '1', '--memory', '256'];
    const command = [process.execPath, '-e', 'setInterval(() => {}, 1000)'];
    const { code, stdout } = await server.cli(['run', '--json', '--detach', ...limits, '--', ...command], {
      cwd: workspace,
    });
    const session = JSON.parse(stdout);
    expect(code).toBe(0);
    expect(session.limits).toEqual({ maxDurationSeconds: 7200, cpuLimit: 1, memoryLimitMb: 256 });
    expect((await server.cli(['sessions', 'cancel', session.id])).code).toBe(0);
  });

  it('makes the current directory a workspace once', async () => {
    const own = join(workspace, 'own');
    mkdirSync(own);
    await server.cli(node('0'), { cwd: own });
    await server.cli(node('0'), { cwd: own });
    const { items } = await createClient({ baseUrl: server.url }).workspaces.list({ pageSize: 100 });
    expect(items.filter((item) => item.path === own)).toHaveLength(1);
  });

  it('gives a title already taken a short suffix, unless it was chosen', async () => {
    const ada = { cwd: workspace, env: { SIGNALBOX_ACTOR: 'ada' } };
    const long = ['run', '--detach', '--', process.execPath, '-e', 'setTimeout(() => {}, 20000)'];
    const first = await server.cli(long, ada);
    const second = await server.cli(long, ada);
    expect([first.code, second.code]).toEqual([0, 0]);
    const client = createClient({ baseUrl: server.url });
    const titles = await Promise.all(
      [first, second].map(async ({ stdout }) => (await client.sessions.get(stdout.trim())).title),
    );
    expect(titles[1]).toMatch(/^.+ #[0-9a-z]{4}$/);
    expect(titles[1]?.startsWith(titles[0] ?? '')).toBe(true);
    const chosen = ['run', '--detach', '--title', titles[0] ?? '', '--', 'true'];
    expect(await server.cli(chosen, ada)).toMatchObject({ code: 4 });
    for (const { stdout } of [first, second]) await server.cli(['sessions', 'cancel', stdout.trim()]);
  });

  it('cancels the session on an interrupt where nobody can be asked, and ends with 130', async () => {
    const marker = join(workspace, 'interrupted-pid');
    const script = `require('fs').writeFileSync(${JSON.stringify(marker)}, ''); console.log('pid ' + process.pid); setInterval(() => {}, 1000)`;
    const running = server.start(node(script), { cwd: workspace });
    const [, pid] = await running.printed(/pid (\d+)/);
    running.kill('SIGINT');
    const result = await running.result;
    expect(result).toMatchObject({ code: 130 });
    expect(result.stderr).toMatch(/Cancelling…[\s\S]*session cancelled/);
    await expect.poll(() => isAlive(Number(pid)), { timeout: 20_000 }).toBe(false);
  });

  it('tells programs each event and the session, one JSON object a line', async () => {
    const { code, stdout } = await server.cli(['run', '--json', '--', 'echo', 'hello'], { cwd: workspace });
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(code).toBe(0);
    expect(lines.slice(0, -1).map((line) => line.event.seq)).toEqual(lines.slice(0, -1).map((_, index) => index + 1));
    expect(lines.some((line) => line.event?.type === 'output' && line.event.payload.text === 'hello\n')).toBe(true);
    expect(lines.at(-1).session).toMatchObject({ status: 'completed', command: ['echo', 'hello'] });
  });

  it('shows the files that a command changed', async () => {
    writeFileSync(join(workspace, 'notes.txt'), 'one\n');
    const { stderr } = await server.cli(['run', '--', 'sh', '-c', 'echo two >> notes.txt'], { cwd: workspace });
    expect(stderr).toMatch(/± .*notes\.txt/);
  });

  it('says what is amiss with a command that cannot be started', async () => {
    const result = await server.cli(['run', '--', '/no/such/program'], { cwd: workspace });
    expect(result.code).not.toBe(0);
    expect(result.stderr).toMatch(/no\/such\/program/);
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
