import { execFile, spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { connect as dial, createServer as listen, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Client, createClient, type Session } from '@signalbox/client';
import { loadConfiguration } from '@signalbox/core';
import { createServer, type SignalboxServer } from '@signalbox/server';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RECORDED_HOOKS } from '../../../packages/runtimes/src/claude-code/testing/recorded-hooks.ts';

const run = promisify(execFile);
const CLI = fileURLToPath(new URL('../../../packages/cli/bin/signalbox.mjs', import.meta.url));
const SLOW = 120_000;
/** What a person has in the project already, written as nobody's program would. */
const SETTINGS =
  '{ "model": "opus",\n    "hooks": {"PreToolUse": [ {"matcher": "Bash", "hooks": [{"type":"command","command":"true"}]} ]} }';

/** What lies between agents and the server: it can be cut. */
class Line {
  #server: Server | null = null;
  readonly #sockets = new Set<Socket>();
  readonly #target: number;
  port = 0;

  constructor(target: number) {
    this.#target = target;
  }

  async open(): Promise<void> {
    this.#server = listen((socket) => {
      const there = dial(this.#target, '127.0.0.1');
      for (const one of [socket, there]) {
        this.#sockets.add(one);
        one.on('error', () => undefined);
        one.on('close', () => {
          socket.destroy();
          there.destroy();
        });
      }
      socket.pipe(there).pipe(socket);
    });
    await new Promise<void>((resolve) => this.#server?.listen(this.port, '127.0.0.1', resolve));
    this.port = (this.#server.address() as { port: number }).port;
  }

  async cut(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server?.close(resolve));
  }
}

describe('Claude Code, connected', () => {
  let root: string;
  let work: string;
  let server: SignalboxServer;
  let line: Line;
  let client: Client;
  let env: Record<string, string>;
  let hooks: Record<string, { hooks: { command: string; timeout: number }[] }[]>;
  const settings = () => join(work, '.claude', 'settings.json');
  const signalbox = (...args: string[]) =>
    run(process.execPath, ['--conditions=source', CLI, ...args], { cwd: work, env, timeout: SLOW });

  beforeAll(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-connected-')));
    // PostgreSQL runs as another user when we are root.
    await chmod(root, 0o755);
    work = join(root, 'work');
    await mkdir(join(work, '.claude'), { recursive: true });
    await writeFile(settings(), SETTINGS);
    const environment = { SIGNALBOX_DATA_DIR: join(root, 'data'), SIGNALBOX_PORT: '0' };
    server = createServer({
      configuration: loadConfiguration({ cwd: root, environment }),
      logger: pino({ level: 'silent' }),
    });
    const { address } = await server.start();
    line = new Line(Number(new URL(address).port));
    await line.open();
    client = createClient({ baseUrl: address, actor: 'ann' });
    env = {
      PATH: '/usr/bin:/bin',
      HOME: join(root, 'home'),
      SIGNALBOX_URL: `http://127.0.0.1:${line.port}`,
    };
    const rule = {
      id: 'rm',
      name: 'Deletions',
      match: { commands: [{ programs: ['rm'] }] },
      effect: 'require_approval',
    };
    await client.policies.create({ document: { name: 'house', rules: [rule], default: 'allow' } } as never);
  }, SLOW);
  afterAll(async () => {
    await line.cut();
    await server.stop('stop');
    await rm(root, { recursive: true, force: true });
  });

  /** Does as Claude Code does: runs the commands that stand in the settings, with the event on their standard input. */
  async function fire(event: Record<string, unknown>, waitSeconds?: number) {
    const name = String(event.hook_event_name);
    const command = hooks[name]?.at(-1)?.hooks[0]?.command ?? 'false';
    const words = waitSeconds === undefined ? command : command.replace(/--wait \d+/, `--wait ${waitSeconds}`);
    const child = spawn('sh', ['-c', words], { cwd: work, env: { ...env, CLAUDE_PROJECT_DIR: work } });
    const [out, err] = [child.stdout, child.stderr].map((stream) => {
      const read = { text: '' };
      stream.on('data', (chunk: Buffer) => {
        read.text += chunk;
      });
      return read;
    });
    child.stdin.end(JSON.stringify(event));
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect([code, err?.text]).toEqual([0, '']);
    return out?.text ? (JSON.parse(out.text).hookSpecificOutput as Record<string, unknown>) : null;
  }
  const ofConversation = async (conversation: string): Promise<Session[]> => {
    const { items } = await client.sessions.list({ pageSize: 100, sortBy: 'createdAt', sortOrder: 'asc' });
    return items.filter(({ metadata }) => metadata.conversation === conversation);
  };
  const eventsOf = async (session: Session | undefined) =>
    (await client.journal.read(session?.id ?? '', { pageSize: 100 })).items;
  const shared = (conversation: string) => ({ session_id: conversation, cwd: work, transcript_path: '/nowhere' });
  const call = (conversation: string, id: string, command: string) => ({
    ...shared(conversation),
    hook_event_name: 'PreToolUse',
    tool_name: 'Bash',
    tool_input: { command },
    tool_use_id: id,
  });
  const asked = (conversation: string, prompt: string) => ({
    ...shared(conversation),
    hook_event_name: 'UserPromptSubmit',
    prompt,
  });

  test(
    'connecting shows the change first, keeps what is there, and changes nothing the second time',
    async () => {
      const shown = await signalbox('connect', 'claude-code', '--dry-run');
      expect(shown.stdout).toMatch(/\+.*hook claude-code/);
      expect(shown.stdout).toMatch(/\+.*mcpServers/);
      expect(await readFile(settings(), 'utf8')).toBe(SETTINGS);
      // Nobody can be asked here, and so nothing is done.
      await expect(signalbox('connect', 'claude-code')).rejects.toMatchObject({ code: 2 });
      await signalbox('connect', 'claude-code', '--yes', '--timeout', '12');
      const written = JSON.parse(await readFile(settings(), 'utf8'));
      expect(written.model).toBe('opus');
      expect(written.hooks.PreToolUse).toEqual([
        { matcher: 'Bash', hooks: [{ type: 'command', command: 'true' }] },
        { hooks: [expect.objectContaining({ timeout: 12, command: expect.stringContaining('--wait 2') })] },
      ]);
      expect(JSON.parse(await readFile(join(work, '.mcp.json'), 'utf8')).mcpServers.signalbox.args).toContain('mcp');
      const again = await signalbox('connect', 'claude-code', '--yes', '--timeout', '12');
      expect(again.stderr).toContain('Nothing has to be changed.');
      hooks = written.hooks;
    },
    SLOW,
  );

  test(
    'its sessions appear, with what they did, and to whom each change belongs',
    async () => {
      const here = JSON.parse(JSON.stringify(RECORDED_HOOKS).replaceAll('/srv/work', work)) as typeof RECORDED_HOOKS;
      for (const event of here) {
        expect(await fire(event)).toBeNull();
        // Between the hook before and the one after, the tool does its work.
        if (event.hook_event_name !== 'PreToolUse') continue;
        const { file_path: path, content, command } = event.tool_input as Record<string, string>;
        if (path) await writeFile(path, content ?? '');
        else await run('sh', ['-c', command ?? ''], { cwd: work }).catch(() => undefined);
      }
      const sessions = await ofConversation(String(here[0]?.session_id));
      expect(sessions).toMatchObject([
        { status: 'completed', title: 'Write two files', initialPrompt: 'Write two files', runtime: null, attempt: 1 },
      ]);
      const events = await eventsOf(sessions[0]);
      const changes = events.filter(({ type }) => type === 'file_change').map(({ payload }) => payload);
      expect(changes).toEqual([
        expect.objectContaining({ path: 'a.txt', callId: 'toolu_1' }),
        expect.objectContaining({ path: 'b.txt', callId: 'toolu_2' }),
      ]);
      const results = events.filter(({ type }) => type === 'tool_result').map(({ payload }) => payload);
      expect(results).toMatchObject([{ status: 'completed' }, { status: 'completed' }, { status: 'error' }]);
      const phases = events.map(({ payload }) => (payload as { phase?: string } | null)?.phase).filter(Boolean);
      expect(phases).toEqual(expect.arrayContaining(['opened', 'claude_code.notification', 'claude_code.pre_compact']));
    },
    SLOW,
  );

  test(
    'a call is held: people answer it, or it is refused before the time is over, and its retry passes once',
    async () => {
      await fire(asked('holds', 'Delete the build'));
      const refused = await fire(call('holds', '1', 'rm -rf build'));
      expect(refused).toMatchObject({ hookEventName: 'PreToolUse', permissionDecision: 'deny' });
      const { items } = await client.approvals.list({ status: 'pending' });
      const [approval] = items;
      expect(refused?.permissionDecisionReason).toContain(`approval ${approval?.id} is pending. Retry this exact call`);
      await client.approvals.approve(approval?.id ?? '');
      expect(await fire(call('holds', '2', 'rm -rf build'))).toMatchObject({
        permissionDecision: 'allow',
        permissionDecisionReason: 'Approved by ann.',
      });
      // Used up: the same once more is another question, and this time its answer is waited for.
      const waiting = fire(call('holds', '3', 'rm -rf build'), 100);
      const open = async () => (await client.approvals.list({ status: 'pending' })).items;
      await expect.poll(async () => (await open()).length, { timeout: 60_000, interval: 100 }).toBe(1);
      const status = async () => (await ofConversation('holds'))[0]?.status;
      await expect.poll(status, { timeout: 60_000, interval: 100 }).toBe('paused');
      await client.approvals.editAndApprove((await open())[0]?.id ?? '', { command: 'rm -rf build/cache' });
      expect(await waiting).toMatchObject({
        permissionDecision: 'allow',
        updatedInput: { command: 'rm -rf build/cache' },
      });
      await fire({
        ...shared('holds'),
        hook_event_name: 'Stop',
        stop_hook_active: false,
        last_assistant_message: 'Ok',
      });
      expect((await ofConversation('holds'))[0]?.status).toBe('completed');
    },
    SLOW,
  );

  test(
    'a server that is away stops nobody, and is told later, in order; unless the policies want it otherwise',
    async () => {
      await line.cut();
      await fire(asked('away', 'Work in the tunnel'));
      expect(await fire(call('away', '1', 'rm -rf build'))).toBeNull();
      const after = { ...call('away', '1', 'rm -rf build'), hook_event_name: 'PostToolUse', tool_response: 'gone' };
      await fire(after);
      expect(await ofConversation('away')).toEqual([]);
      await line.open();
      await fire({ ...shared('away'), hook_event_name: 'Stop', stop_hook_active: false });
      const [session] = await ofConversation('away');
      expect(session?.status).toBe('completed');
      const told = (await eventsOf(session)).map(({ type }) => type);
      expect(told).toEqual(['start', 'message', 'tool_call', 'status', 'tool_result', 'status', 'status']);

      const document = { name: 'closed', rules: [], default: 'next', unreachable: 'deny' } as const;
      await client.policies.create({ document } as never);
      await fire(asked('closed', 'Work with care'));
      await line.cut();
      expect(await fire(call('closed', '1', 'ls'))).toMatchObject({
        permissionDecision: 'deny',
        permissionDecisionReason: expect.stringContaining('cannot be reached'),
      });
      await line.open();
    },
    SLOW,
  );

  test(
    'disconnecting puts the files back byte for byte; what was edited meanwhile stays',
    async () => {
      await signalbox('disconnect', 'claude-code', '--yes');
      expect(await readFile(settings(), 'utf8')).toBe(SETTINGS);
      expect(await readdir(work)).not.toContain('.mcp.json');
      await signalbox('connect', 'claude-code', '--yes');
      const edited = JSON.parse(await readFile(settings(), 'utf8'));
      edited.permissions = { allow: ['Bash(ls)'] };
      await writeFile(settings(), JSON.stringify(edited));
      await signalbox('disconnect', 'claude-code', '--yes');
      const expected = { ...JSON.parse(SETTINGS), permissions: { allow: ['Bash(ls)'] } };
      expect(JSON.parse(await readFile(settings(), 'utf8'))).toEqual(expected);
      await writeFile(settings(), '{ "half": ');
      await expect(signalbox('connect', 'claude-code', '--yes')).rejects.toMatchObject({ code: 2 });
      expect(await readFile(settings(), 'utf8')).toBe('{ "half": ');
    },
    SLOW,
  );
});
