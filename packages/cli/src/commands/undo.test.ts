import { existsSync, readFileSync, writeFileSync } from 'node:fs';
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
  workspace = temporaryFolder('signalbox-undo-');
}, START_MS);
afterAll(() => server?.stop());

const file = (name: string) => join(workspace, name);
const cli = (...args: string[]) => server.cli(args, { cwd: workspace });

describe('signalbox undo', () => {
  it('previews, asks, undoes what a finished session did, and redoes it', { timeout: 120_000 }, async () => {
    writeFileSync(file('kept.txt'), 'kept\n');
    writeFileSync(file('changed.txt'), 'old\n');
    await cli(
      'run',
      '--',
      'sh',
      '-c',
      'echo new > changed.txt; echo made > made.txt; rm kept.txt; echo kept > kept.txt',
    );
    const preview = await cli('undo', 'last', '--preview', '--diff');
    expect(preview).toMatchObject({ code: 0 });
    expect(preview.stdout).toMatch(/restored +1 +1 +changed\.txt/);
    expect(preview.stdout).toMatch(/restored +0 +1 +made\.txt/);
    expect(preview.stdout).toContain('-new\n+old\n');
    expect(preview.stdout).not.toContain('kept.txt');
    expect(readFileSync(file('changed.txt'), 'utf8')).toBe('new\n');

    const unasked = await cli('undo', 'last');
    expect([unasked.code, unasked.stderr]).toEqual([
      2,
      expect.stringContaining('Undo 2 changes, writing 2 files? Say so with --yes.'),
    ]);
    const part = await cli('undo', 'last', 'made.txt', '--yes', '--json');
    expect(part.code, part.stderr).toBe(0);
    expect(JSON.parse(part.stdout)).toMatchObject({ status: 'completed', report: { written: 1 } });
    expect([existsSync(file('made.txt')), readFileSync(file('changed.txt'), 'utf8')]).toEqual([false, 'new\n']);
    const all = await cli('undo', 'last', '--yes');
    expect(all.stdout).toMatch(/Undone: 1 paths written\. Take it back with: signalbox redo [0-9a-f-]{36}/);
    expect(readFileSync(file('changed.txt'), 'utf8')).toBe('old\n');
    expect((await cli('redo', 'last', '--yes')).code).toBe(0);
    expect(readFileSync(file('changed.txt'), 'utf8')).toBe('new\n');
    expect((await cli('undos')).stdout.match(/completed/g)).toHaveLength(3);
  });

  it('tells of a conflict, refuses it, and takes the answer', { timeout: 120_000 }, async () => {
    writeFileSync(file('fought.txt'), 'first\n');
    await cli('run', '--', 'sh', '-c', 'echo second > fought.txt');
    writeFileSync(file('fought.txt'), 'third\n');
    const preview = await cli('undo', 'last', '--preview');
    expect(preview.stderr).toMatch(/Conflict: fought\.txt \(content/);
    const refused = await cli('undo', 'last', '--yes');
    expect([refused.code, refused.stderr]).toEqual([4, expect.stringContaining('something newer stands')]);
    expect(readFileSync(file('fought.txt'), 'utf8')).toBe('third\n');
    expect((await cli('undo', 'last', '--yes', '--on-conflict', 'theirs')).code).toBe(0);
    expect(readFileSync(file('fought.txt'), 'utf8')).toBe('first\n');
  });

  it('takes back what came since a rollback point, or since a checkpoint', { timeout: 120_000 }, async () => {
    writeFileSync(file('pointed.txt'), 'old\n');
    await cli('run', '--', 'sh', '-c', 'echo before > early.txt');
    const json = async (...args: string[]) => JSON.parse((await cli(...args, '--json')).stdout);
    const { workspaceId } = await json('sessions', 'show', 'last');
    const point = await json('rollback', 'create', 'here', '--workspace', workspaceId);
    await cli('run', '--', 'sh', '-c', 'echo new > pointed.txt');
    const since = await cli('undo', 'last', '--since-point', point.id, '--yes', '--json');
    expect(since.code, since.stderr).toBe(0);
    expect(JSON.parse(since.stdout)).toMatchObject({ status: 'completed', selection: { sincePoint: point.id } });
    expect([readFileSync(file('pointed.txt'), 'utf8'), existsSync(file('early.txt'))]).toEqual(['old\n', true]);
    const { items } = await json('checkpoints', 'list', 'last');
    const latest = Math.max(...items.map(({ sequence }: { sequence: number }) => sequence));
    const nothing = await cli('undo', 'last', '--since-checkpoint', String(latest), '--preview');
    expect([nothing.code, nothing.stderr]).toEqual([4, expect.stringContaining('There is nothing to undo')]);
    const unknown = await cli('undo', 'last', '--entity', 'function:main', '--preview');
    expect([unknown.code, unknown.stderr]).toEqual([3, expect.stringContaining('function:main')]);
  });

  it('answers over HTTP with stable codes', async () => {
    const { undos } = createClient({ baseUrl: server.url });
    const nobody = '0198b2f0-0000-7000-8000-000000000001';
    await expect(undos.preview({ selection: {} })).rejects.toMatchObject({ code: 'UNDO_SELECTION_EMPTY', status: 400 });
    await expect(undos.preview({ selection: { sessionIds: [nobody] } })).rejects.toMatchObject({
      code: 'SESSION_NOT_FOUND',
    });
    await expect(undos.get(nobody)).rejects.toMatchObject({ code: 'UNDO_NOT_FOUND', status: 404 });
    await expect(undos.redo(nobody)).rejects.toMatchObject({ code: 'UNDO_NOT_FOUND' });
    const [done] = (await undos.list({ status: 'completed' } as never)).items;
    await expect(undos.cancel(done?.id ?? '')).rejects.toMatchObject({ code: 'UNDO_NOT_CANCELLABLE', status: 409 });
  });
});
