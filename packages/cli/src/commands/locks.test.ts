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

describe('locks on the command line', () => {
  it('locks list and locks show tell who holds and who waits', async () => {
    expect((await server.cli(['locks', 'list'])).stderr).toContain('No locks are held.');
    const lock = await client.locks.acquire({ resource: 'repo/src', owner: 'agent-1', ttlMs: 600_000 });
    const gaveUp = new AbortController();
    const waiting = client.locks.acquire(
      { resource: 'repo', owner: 'agent-2', priority: 3, waitMs: 600_000 },
      { signal: gaveUp.signal },
    );
    const refused = expect(waiting).rejects.toThrow();
    await expect.poll(async () => (await client.locks.info('repo')).waiters.length).toBe(1);
    expect((await server.cli(['locks', 'list'])).stdout).toMatch(/repo\/src +exclusive +agent-1/);
    const { stdout } = await server.cli(['locks', 'show', 'repo']);
    expect(stdout).toMatch(/repo\/src +exclusive +agent-1[\s\S]+1 +repo +exclusive +agent-2 +3/);
    gaveUp.abort();
    await refused;
    expect((await client.locks.info('repo')).waiters).toEqual([]);
    expect((await server.cli(['locks', 'show', 'nothing'])).code).toBe(3);
    expect((await server.cli(['locks', 'release', lock.id, '--fencing-token', String(lock.token)])).stdout).toContain(
      'Released',
    );
  });

  it('locks release --force wants a reason and a yes, and takes the lock', async () => {
    const lock = await client.locks.acquire({ resource: 'stuck', owner: 'gone', ttlMs: 600_000 });
    expect((await server.cli(['locks', 'release', lock.id])).code).toBe(2);
    expect((await server.cli(['locks', 'release', lock.id, '--force', '--yes'])).stderr).toContain('--reason');
    const unasked = await server.cli(['locks', 'release', lock.id, '--force', '--reason', 'its agent is gone']);
    expect([unasked.code, unasked.stderr]).toEqual([
      2,
      expect.stringContaining('Take stuck from gone? Say so with --yes.'),
    ]);
    expect((await client.locks.get(lock.id)).state).toBe('held');
    const taken = await server.cli(['locks', 'release', lock.id, '--force', '--reason', 'its agent is gone', '--yes']);
    expect([taken.code, taken.stdout]).toEqual([0, 'Took stuck from gone.\n']);
    const { items } = await client.audit.list({ action: 'lock.force_release' });
    expect(items[0]?.details).toMatchObject({ resource: 'stuck', reason: 'its agent is gone' });
  });
});
