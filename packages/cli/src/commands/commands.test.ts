import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Client, createClient, type Session } from '@signalbox/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CliProcess, runCli, type ServedCli, serveCli, temporaryFolder } from '../testing/index.ts';

/** A server that starts on a busy machine. */
const START_MS = 300_000;

let server: ServedCli;
let session: Session;
let child: Session;
let client: Client;

beforeAll(async () => {
  server = await serveCli({ apart: true });
  client = createClient({ baseUrl: server.url });
  session = await client.sessions.create({ title: 'Raise the coverage', initialPrompt: 'Write more tests.' });
  child = await client.sessions.create({
    title: 'Only the parser',
    initialPrompt: 'Parser first.',
    parentId: session.id,
  });
}, START_MS);
afterAll(async () => {
  const result = await server?.stop();
  expect(result?.code).toBe(0);
});

describe('audit', () => {
  it('lists, shows and exports events, and checks their seals', async () => {
    const listed = await server.cli(['audit', 'list', '--json', '--filter', `subjectId=${session.id}`]);
    const [event] = JSON.parse(listed.stdout).items;
    expect(event).toMatchObject({ action: 'session.create', subjectId: session.id });
    expect((await server.cli(['audit', 'show', event.id])).stdout).toMatch(/action +session\.create/);
    const exported = await server.cli(['audit', 'export', '--filter', 'action=session.create']);
    const lines = exported.stdout.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).subjectId)).toEqual([session.id, child.id]);
    const csv = await server.cli(['audit', 'export', '--format', 'csv', '--filter', 'action=session.create']);
    expect(csv.stdout.split('\r\n')).toHaveLength(4);
    const file = join(temporaryFolder('signalbox-audit-'), 'audit.jsonl');
    await expect.poll(async () => (await client.audit.verify()).unsealed, { timeout: 60_000 }).toBe(0);
    const sealed = (await server.cli(['audit', 'export', '--format', 'sealed'])).stdout;
    writeFileSync(file, sealed);
    const offline = (dataDir: string, ...more: string[]) =>
      server.cli(['audit', 'verify', '--file', file, '--data-dir', dataDir, ...more]);
    expect(await offline(server.dataDir)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('The record is as it was sealed.'),
    });
    writeFileSync(file, sealed.replace('"action":"session.create"', '"action":"session.forget"'));
    const found = await offline(server.dataDir, '--json');
    expect([found.code, JSON.parse(found.stdout).problems[0].kind]).toEqual([1, 'altered']);
    const keyless = await offline(temporaryFolder('signalbox-audit-'));
    expect([keyless.code, keyless.stderr]).toEqual([2, expect.stringContaining('There is no key of the seals')]);
    const asJson = await server.cli(['audit', 'export', '--json', '--filter', 'action=session.create']);
    expect(asJson.stdout).toBe(exported.stdout);
    expect((await server.cli(['audit', 'export', '--json', '--format', 'csv'])).code).toBe(2);
    const verified = await server.cli(['audit', 'verify']);
    expect([verified.code, verified.stdout]).toEqual([0, expect.stringContaining('The record is as it was sealed.')]);
  });
});

describe('commands that show sessions', () => {
  it('sessions list shows a table to people and the answer of the API to programs', async () => {
    const table = await server.start(['sessions', 'list']).result;
    expect(table.stdout).toMatch(/^ID +STATUS +RUNTIME +TITLE +CREATED\n/);
    expect(table.stdout).toContain('Raise the coverage');
    const { stdout } = await server.cli(['sessions', 'list', '--json', '--filter', 'title.ilike=%parser%']);
    expect(JSON.parse(stdout)).toMatchObject({ items: [{ id: child.id }], total: 1, page: 1, pageSize: 20 });
  });

  it('sessions list says what else there is', async () => {
    const { stderr } = await server.cli(['sessions', 'list', '--limit', '1']);
    expect(stderr).toMatch(/1 of 2; go on with --page 2/);
  });

  it('sessions list refuses a filter that does not exist, naming it', async () => {
    const result = await server.cli(['sessions', 'list', '--filter', 'colour=red']);
    expect(result.code).toBe(2);
    expect(result.stderr).toMatch(/no filter "colour"/);
  });

  it('sessions show takes an id or the word last', async () => {
    expect((await server.cli(['sessions', 'show', session.id])).stdout).toMatch(/title +Raise the coverage/);
    const last = await server.cli(['sessions', 'show', 'last', '--json']);
    expect(JSON.parse(last.stdout)).toMatchObject({ id: child.id, metrics: { sessionId: child.id } });
  });

  it('sessions tree draws who stands under whom', async () => {
    const { stdout } = await server.cli(['sessions', 'tree', session.id]);
    expect(stdout).toMatch(/^Raise the coverage .*\n└─ Only the parser /);
  });

  it('sessions search finds by words', async () => {
    const { stdout } = await server.cli(['sessions', 'search', 'coverage', '--json']);
    expect(JSON.parse(stdout).items).toMatchObject([{ id: session.id }]);
  });

  it('an unknown session is not found: exit code 3, and the problem for programs', async () => {
    const unknown = '01900000-0000-7000-8000-000000000000';
    const result = await server.start(['sessions', 'show', unknown, '--json']).result;
    expect(result).toMatchObject({ code: 3, stdout: '' });
    expect(JSON.parse(result.stderr)).toMatchObject({ exitCode: 3, error: { code: 'SESSION_NOT_FOUND', status: 404 } });
  });
});

describe('commands that control sessions', () => {
  it('go through a life: start, checkpoint, cancel, and no cancel twice', async () => {
    const { stdout } = await server.cli(['sessions', 'start', session.id]);
    expect(stdout).toMatch(/it is running/);
    const data = '{"step":"tests written"}';
    const checkpoint = await server.cli(['checkpoints', 'create', session.id, '--data', data, '--json']);
    expect(JSON.parse(checkpoint.stdout)).toMatchObject({ sequence: 1, data: { step: 'tests written' } });
    expect((await server.cli(['checkpoints', 'list', session.id])).stdout).toMatch(/tests written/);
    expect((await server.cli(['checkpoints', 'show', session.id, '1'])).stdout).toMatch(/"step": "tests written"/);
    expect((await server.cli(['sessions', 'pause', session.id])).stdout).toMatch(/it is paused/);
    expect((await server.cli(['sessions', 'resume', session.id])).stdout).toMatch(/it is running/);
    expect((await server.cli(['sessions', 'cancel', session.id])).stdout).toMatch(/it is cancelled/);
    const again = await server.cli(['sessions', 'cancel', session.id]);
    expect(again.code).toBe(4);
    expect(again.stderr).toMatch(/cancelled/);
  });

  it('retry makes a new attempt of a failed one', async () => {
    await client.sessions.start(child.id);
    await client.sessions.fail(child.id, { error: 'flaky' });
    expect((await server.cli(['sessions', 'retry', child.id])).stdout).toMatch(/Attempt 2 of .* is pending/);
  });

  it('tail prints what is recorded, and what comes, until the end', async () => {
    const { id } = await client.sessions.create({ title: 'Tailed', initialPrompt: 'x' });
    await client.sessions.start(id);
    const tail = server.start(['sessions', 'tail', id, '--json']);
    await tail.printed(/"type":"start"/);
    await client.journal.append(id, [{ type: 'output', actor: 'me', payload: { stream: 'stdout', text: 'hello' } }]);
    await tail.printed(/"text":"hello"/);
    await client.sessions.complete(id, { result: { done: true } });
    const { code, stdout } = await tail.result;
    const seqs = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).event.seq);
    expect(code).toBe(0);
    expect(seqs).toEqual(seqs.map((_, index) => index + 1));
    expect(seqs).toHaveLength((await client.sessions.get(id)).lastSeq);
  });
});

describe('commands for the rest', () => {
  it('projects are created and listed, and keep their sessions apart', async () => {
    expect((await server.cli(['projects', 'create', 'acme', '--name', 'Acme'])).stdout).toMatch(/Created project acme/);
    expect((await server.cli(['projects', 'list'])).stdout).toMatch(/acme +Acme/);
    const { stdout } = await server.cli(['sessions', 'list', '--project', 'acme', '--json']);
    expect(JSON.parse(stdout).total).toBe(0);
    expect((await server.cli(['projects', 'create', 'acme'])).code).toBe(4);
  });

  it('workspaces are added and listed', async () => {
    const path = temporaryFolder('signalbox-ws-');
    expect((await server.cli(['workspaces', 'add', '.', '--name', 'mine'], { cwd: path })).stdout).toContain(path);
    expect((await server.cli(['workspaces', 'list'])).stdout).toContain(path);
    expect((await server.cli(['workspaces', 'add', join(path, 'absent')])).code).toBe(2);
  });

  it('keys are created with their secret shown once, listed without it, rotated and revoked', async () => {
    const created = await server.cli(['keys', 'create', 'ci', '--role', 'viewer', '--expires-in', '1h']);
    const secret = created.stdout.trim();
    expect(secret).toMatch(/^sbx_/);
    const list = await server.cli(['keys', 'list', '--json']);
    expect(list.stdout).not.toContain(secret);
    const [key] = JSON.parse(list.stdout).items;
    expect(key).toMatchObject({ name: 'ci', role: 'viewer' });
    const asViewer = await server.cli(['projects', 'create', 'nope', '--token', secret]);
    expect(asViewer).toMatchObject({ code: 6 });
    const rotated = await server.cli(['keys', 'rotate', key.id, '--grace', '1h']);
    const second = rotated.stdout.trim();
    expect([second.startsWith('sbx_'), second === secret]).toEqual([true, false]);
    const listsAs = async (token: string) => (await server.cli(['sessions', 'list', '--token', token])).code;
    expect([await listsAs(secret), await listsAs(second)]).toEqual([0, 0]);
    const [used] = JSON.parse((await server.cli(['keys', 'list', '--json'])).stdout).items;
    expect([used.lastUsedAt === null, used.previousUntil === null]).toEqual([false, false]);
    expect((await server.cli(['keys', 'revoke', key.id])).code).toBe(0);
    expect([await listsAs(secret), await listsAs(second)]).toEqual([6, 6]);
  });

  it('doctor looks at this machine and at the server', async () => {
    const { code, stdout } = await server.cli(['doctor', '--data-dir', server.dataDir, '--json']);
    const { findings, configuration } = JSON.parse(stdout);
    expect(code).toBe(0);
    const names = findings.map((finding: { name: string }) => finding.name);
    for (const name of [
      'Node',
      'git',
      'data directory',
      'database',
      'limits of runs',
      'runtime command',
      'server',
      'session bridge',
    ]) {
      expect(names).toContain(name);
    }
    expect(findings.find((finding: { name: string }) => finding.name === 'data directory').detail).toMatch(
      new RegExp(`in use by process ${server.up.pid}`),
    );
    expect(findings.find((finding: { name: string }) => finding.name === 'session bridge')).toMatchObject({
      ...{ state: 'good', detail: 'sessions answer, the code graph answers' },
    });
    expect(configuration.find((setting: { name: string }) => setting.name === 'dataDir')).toMatchObject({
      value: server.dataDir,
      origin: 'flag --data-dir',
    });
  });

  it('migrate tells its status beside a server, and refuses to change the data directory that one uses, naming it', async () => {
    const status = await server.cli(['migrate', 'status', '--data-dir', server.dataDir]);
    expect(status).toMatchObject({ code: 0, stdout: expect.stringMatching(/0001_platform +applied/) });
    const result = await server.cli(['migrate', 'up', '--data-dir', server.dataDir]);
    expect(result.code).toBe(4);
    expect(result.stderr).toMatch(new RegExp(`process ${server.up.pid}`));
  });
});

describe('a second server', () => {
  it('refuses a data directory in use, naming who uses it and where that answers', async () => {
    const result = await runCli(['up', '--port', '0', '--data-dir', server.dataDir]);
    expect(result).toMatchObject({ code: 4, stdout: '' });
    expect(result.stderr).toContain(`process ${server.up.pid}`);
    expect(result.stderr).toContain(server.url);
  });

  it('refuses a port in use, saying how to choose another', async () => {
    const dataDir = join(temporaryFolder('signalbox-second-'), 'data');
    const result = await runCli(['up', '--port', new URL(server.url).port, '--data-dir', dataDir]);
    expect(result).toMatchObject({ code: 4, stdout: '' });
    expect(result.stderr).toMatch(/EADDRINUSE[\s\S]*choose another port with --port/);
  });

  it('refuses to listen to other machines without keys', async () => {
    const dataDir = join(temporaryFolder('signalbox-second-'), 'data');
    const result = await runCli(['up', '--port', '0', '--host', '0.0.0.0', '--data-dir', dataDir]);
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).toMatch(/SIGNALBOX_AUTH=required/);
  });
});

describe('without a server', () => {
  const env = { SIGNALBOX_URL: 'http://127.0.0.1:1' };

  it('says that none runs and how to start one: exit code 5', async () => {
    const result = await new CliProcess(['sessions', 'list'], { env }).result;
    expect(result.code).toBe(5);
    expect(result.stderr).toMatch(
      /No Signalbox server answers at http:\/\/127\.0\.0\.1:1\.\nStart one with `signalbox up`/,
    );
  });

  it.each([
    [['sesions'], /Did you mean sessions\?/],
    [['sessions', 'lst'], /Did you mean list\?/],
    [['sessions', 'list', '--jsn'], /Did you mean --json\?/],
    [['run', '--memory', 'lots', '--', 'x'], /whole number/],
    [['keys', 'create', 'x', '--role', 'god'], /Allowed choices/],
    [['run'], /Say what to run/],
  ])('wrong usage %j is told with a hint: exit code 2', async (args, hint) => {
    const result = await runCli(args, { env });
    expect(result.code).toBe(2);
    expect(result.stderr).toMatch(hint);
  });

  it('migrates a new data directory up and down, and makes its first key once', async () => {
    const directory = join(temporaryFolder('signalbox-local-'), 'data');
    const local = (...args: string[]) => runCli([...args, '--data-dir', directory, '--json'], { env });
    const applied = JSON.parse((await local('migrate', 'up')).stdout).applied;
    expect(applied.length).toBeGreaterThan(3);
    expect(JSON.parse((await local('migrate', 'down')).stdout).reverted).toEqual([applied.at(-1)]);
    const { migrations } = JSON.parse((await local('migrate', 'status')).stdout);
    expect(migrations.map((migration: { appliedAt: string | null }) => migration.appliedAt !== null)).toEqual(
      applied.map((name: string) => name !== applied.at(-1)),
    );
    const key = JSON.parse((await local('keys', 'create', 'boss', '--first')).stdout);
    expect(key).toMatchObject({ role: 'admin', name: 'boss' });
    expect(key.secret).toMatch(/^sbx_/);
    expect(await local('keys', 'create', 'another', '--first')).toMatchObject({ code: 4 });
  }, 120_000);
});
