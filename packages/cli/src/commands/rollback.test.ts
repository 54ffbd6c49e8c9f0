import { type Client, createClient } from '@signalbox/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ServedCli, serveCli } from '../testing/index.ts';

/** A server that starts on a busy machine. */
const START_MS = 300_000;

let server: ServedCli;
let client: Client;
beforeAll(async () => {
  server = await serveCli();
  client = createClient({ baseUrl: server.url });
}, START_MS);
afterAll(async () => {
  await server?.stop();
});

describe('rollback on the command line', () => {
  it('makes a point, shows what changed, previews, goes back and undoes that', async () => {
    await client.queues.update('builds', 0, { maxConcurrent: 3 });
    const made = await server.cli(['rollback', 'create', 'three builds', '--ttl', '48']);
    expect(made.stdout).toContain('It holds: entity, relationship, configuration.');
    const { version } = await client.queues.get('builds');
    await client.queues.update('builds', version, { maxConcurrent: 9 });
    expect((await server.cli(['rollback', 'points'])).stdout).toContain('three builds');
    expect((await server.cli(['rollback', 'show', 'three builds'])).stdout).toMatch(/update +config:queue:builds/);
    expect((await server.cli(['rollback', 'snapshots', 'three builds'])).stdout).toMatch(/configuration +\d+/);
    expect((await server.cli(['rollback', 'preview', 'three builds', '--strategy', 'safe'])).stdout).toContain(
      'By the strategy safe',
    );
    const unasked = await server.cli(['rollback', 'apply', 'three builds']);
    expect([unasked.code, (await client.queues.get('builds')).maxConcurrent]).toEqual([2, 9]);
    const applied = await server.cli(['rollback', 'apply', 'three builds', '--strategy', 'safe', '--yes', '--json']);
    const operation = JSON.parse(applied.stdout) as { id: string; status: string };
    expect([operation.status, (await client.queues.get('builds')).maxConcurrent]).toEqual(['completed', 3]);
    expect((await server.cli(['rollback', 'operations'])).stdout).toMatch(/three builds +safe/);
    expect((await server.cli(['rollback', 'show', operation.id])).stdout).toContain(
      'Went back to three builds: 1 change(s).',
    );
    expect((await server.cli(['rollback', 'cancel', operation.id])).stdout).toContain('is completed already');
    expect((await server.cli(['rollback', 'undo', operation.id])).code).toBe(0);
    expect((await client.queues.get('builds')).maxConcurrent).toBe(9);
    expect((await server.cli(['rollback', 'recapture', 'three builds'])).stdout).toContain('how everything is now');
    expect((await server.cli(['rollback', 'show', 'three builds'])).stderr).toContain('Nothing has changed since');
    expect((await server.cli(['rollback', 'delete', 'three builds'])).stdout).toContain('Deleted three builds');
    expect((await server.cli(['rollback', 'preview', 'three builds'])).code).toBe(2);
  });

  it('keeps how a session stands, lists what checkpoints left, and makes sessions that stand there', async () => {
    const { id } = await client.sessions.create({ title: 'Anchoring', initialPrompt: 'do it' });
    const json = async (...args: string[]) => {
      const done = await server.cli([...args, '--json']);
      expect(done.code, done.stderr).toBe(0);
      return JSON.parse(done.stdout);
    };
    const entityIds = ['function:kept'];
    const changeInfo = { elementType: 'function' as const, entityIds, operation: 'modified' as const };
    await client.journal.append(id, [{ type: 'modified', actor: 'tester', changeInfo }]);
    const kept = await json('checkpoints', 'snapshot', id);
    expect(kept).toMatchObject({ sequence: 1, refEntities: ['function:kept'] });
    await json('checkpoints', 'create', id, '--data', '{}', '--grace', '12h');
    const snapshots = await server.cli(['checkpoints', 'snapshots', '--session', id]);
    expect(snapshots.stdout.split('\n').filter((line) => line.includes(id))).toHaveLength(1);
    const anchors = await json('checkpoints', 'anchors', 'function:kept');
    expect(anchors.items.map(({ checkpointId }: { checkpointId: string }) => checkpointId)[0]).toBe(kept.id);
    expect((await server.cli(['checkpoints', 'statistics'])).stdout).toMatch(/failureSnapshots +1/);

    const restored = await json('checkpoints', 'restore', id, '1', '--title', 'Again');
    const from = (session: { title: string; metadata: object }) => [session.title, session.metadata];
    expect(from(restored)).toEqual(['Again', { restoredFrom: { sessionId: id, seq: kept.journalSeq, checkpoint: 1 } }]);
    const again = await json('checkpoints', 'restore-anchor', 'function:kept', '--checkpoint', kept.id);
    expect(again.metadata).toEqual(restored.metadata);
    const nowhere = await server.cli(['checkpoints', 'restore-anchor', 'function:unknown']);
    expect([nowhere.code, nowhere.stderr]).toEqual([2, expect.stringContaining('has no anchor')]);

    const point = await json('rollback', 'create', 'of the session', '--session', id);
    expect((await server.cli(['rollback', 'history', id])).stdout).toMatch(
      new RegExp(`point of the session \\(${point.id}\\)[\\s\\S]*checkpoint 1`),
    );
  });
});
