import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ServedCli, serveCli, temporaryFolder } from '../testing/index.ts';

/** A server that starts on a busy machine. */
const START_MS = 300_000;

let server: ServedCli;
beforeAll(async () => {
  server = await serveCli();
}, START_MS);
afterAll(async () => {
  expect((await server?.stop())?.code).toBe(0);
});

const json = async (...args: string[]) => JSON.parse((await server.cli(['tasks', ...args, '--json'])).stdout);
const run = (...args: string[]) => server.cli(['tasks', ...args]);

describe('tasks from the command line', () => {
  it('are put in once per key, listed, claimed, told of and completed', async () => {
    const given = ['enqueue', 'lint', '--payload', '{"package":"parser"}', '--priority', '1', '--key', 'lint-parser'];
    const { taskId } = await json(...given);
    expect((await run(...given)).stdout).toMatch(`Task ${taskId} was there already; it is queued.`);
    expect((await run('list', '--status', 'queued,waiting')).stdout).toMatch(/^ID +STATUS +QUEUE +TYPE/);
    const claims = await json('claim', '--agent', 'w1', '--wait', '10s');
    expect(claims.items).toMatchObject([{ taskId, payload: { package: 'parser' }, agent: 'w1' }]);
    const claim = String(claims.items[0].token);
    await run('progress', taskId, '--claim', claim, '--data', '{"percent":50}');
    expect((await run('heartbeat', taskId, '--claim', claim)).stdout).toMatch('The claim is kept.');
    const shown = await run('show', taskId);
    expect(shown.stdout).toMatch(/status +running/);
    expect(shown.stdout).toMatch(/progress +\{"percent":50\}/);
    const done = await run('complete', taskId, '--claim', claim, '--result', '{"warnings":0}');
    expect(done.stdout).toBe(`Task ${taskId} is completed.\n`);
    const again = await run('complete', taskId, '--claim', claim);
    expect(again.code).toBe(4);
    expect(again.stderr).toMatch('not yours any more');
    expect(await json('show', taskId)).toMatchObject({
      result: { warnings: 0 },
      attempts: [{ outcome: 'completed', agent: 'w1' }],
    });
  });

  it('wait for each other as a file says, and are cancelled', async () => {
    const folder = temporaryFolder('signalbox-graph-');
    const file = join(folder, 'graph.json');
    await writeFile(
      file,
      JSON.stringify([
        { ref: 'build', type: 'build' },
        { ref: 'test', type: 'test', dependsOn: [{ ref: 'build', onFailure: 'skip' }] },
      ]),
    );
    const { items } = await json('enqueue-graph', file);
    expect(items).toMatchObject([{ status: 'queued' }, { status: 'waiting' }]);
    const later = await json('enqueue', 'ship', '--after', items[1].taskId, '--on-failure', 'continue');
    expect(later.status).toBe('waiting');
    expect((await run('show', later.taskId)).stdout).toMatch(`waits for ${items[1].taskId} (open)`);
    expect((await run('cancel', items[0].taskId)).stdout).toMatch(`Cancelled ${items[0].taskId} (build).`);
    expect((await json('show', items[1].taskId)).status).toBe('skipped');
    expect((await json('show', later.taskId)).status).toBe('queued');
    await run('cancel', later.taskId);
    await writeFile(file, JSON.stringify([{ ref: 'a', type: 'a', dependsOn: [{ ref: 'a' }] }]));
    const cycle = await run('enqueue-graph', file);
    expect([cycle.code, cycle.stderr]).toEqual([4, expect.stringContaining('a → a')]);
  });

  it('fail, and are redriven or discarded, not by mistake', async () => {
    const { taskId } = await json('enqueue', 'flaky');
    const fail = async () => {
      const { items } = await json('claim', '--agent', 'w1', '--type', 'flaky');
      return run('fail', taskId, '--claim', String(items[0].token), '--error', 'no luck', '--for-good');
    };
    expect((await fail()).stdout).toBe(`Task ${taskId} is failed.\n`);
    expect((await run('redrive')).code).toBe(2);
    expect((await run('redrive', '--type', 'flaky')).stdout).toBe('Redrove 1 task.\n');
    await fail();
    expect((await run('redrive', taskId)).stdout).toMatch('is queued');
    await fail();
    expect((await run('discard', taskId)).code).toBe(2);
    expect((await run('discard', taskId, '--yes')).stdout).toBe(`Discarded ${taskId}.\n`);
    expect((await run('show', taskId)).code).toBe(3);
  });
});
