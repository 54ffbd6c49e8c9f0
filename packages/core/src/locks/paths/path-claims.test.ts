import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SessionStatus } from '../../sessions/index.ts';
import { describeOnBackends } from '../../testing/index.ts';
import type { CreatePathClaim, PathClaim } from './path-claim.ts';
import type { PathClaims } from './path-claims.ts';
import { DEFAULT_PATH_POLICY } from './path-policy.ts';
import { handOverPathClaims } from './settle-claims.ts';
import { codeOf, openPathFixture, type PathFixture } from './testing/path-fixture.ts';

describeOnBackends('path claims', (backend) => {
  let fixture: PathFixture;
  let claims: PathClaims;

  beforeAll(async () => {
    fixture = await openPathFixture(backend, { ...DEFAULT_PATH_POLICY, waitSeconds: 20 });
    claims = fixture.core.pathClaims;
  });
  afterAll(() => fixture.close());

  const newWorkspace = () => fixture.newWorkspace();
  const running = (priority?: number) => fixture.running(priority);
  const claim = (sessionId: string, paths: CreatePathClaim['paths'], more: Partial<CreatePathClaim> = {}) =>
    claims.claim(fixture.projectId, { sessionId, paths, conflict: 'refuse', ...more }, 'agent');
  const waiting = (sessionId: string, paths: CreatePathClaim['paths'], more: Partial<CreatePathClaim> = {}) =>
    claim(sessionId, paths, { conflict: 'wait', ...more });
  const release = ({ id, fencingToken }: PathClaim) => claims.release(fixture.projectId, id, { fencingToken });
  const queued = async (count: number) => {
    const list = () =>
      claims.list(fixture.projectId, {
        filters: [
          { field: 'workspaceId', operator: 'eq', value: fixture.workspaceId() },
          { field: 'status', operator: 'eq', value: 'waiting' },
        ],
      });
    await expect.poll(async () => (await list()).total, { timeout: 10_000, interval: 10 }).toBe(count);
  };
  const end = (id: string, status: SessionStatus) => fixture.end(id, status);

  test('a second session is refused what overlaps, told by whom, and given what does not', async () => {
    await newWorkspace();
    const [a, b] = [await running(), await running()];
    const held = await claim(a.id, ['src/**', 'README.md']);
    expect(held).toMatchObject({ status: 'held', mode: 'exclusive', agent: 'agent', origin: 'verb', sessionId: a.id });
    const refused = claim(b.id, ['docs', 'src/deep/a.ts']);
    await expect(refused).rejects.toMatchObject({
      code: 'PATH_CLAIMED',
      details: { holders: [{ claimId: held.id, sessionId: a.id, sessionTitle: a.title, since: held.grantedAt }] },
    });
    await expect(refused).rejects.toThrow(a.title);
    const other = await claim(b.id, ['docs', 'src.md']);
    expect(other.fencingToken).toBeGreaterThan(held.fencingToken ?? Number.POSITIVE_INFINITY);
    expect(await codeOf(claim(a.id, ['docs/a.md']))).toBe('PATH_CLAIMED');
    expect(await codeOf(claim(a.id, ['src/again.ts']))).toBeNull();
  });

  test('the feed tells of a wait when it begins and when it ends without a grant', async () => {
    await newWorkspace();
    const [a, b] = [await running(), await running()];
    const told = async () => {
      const [row] = await fixture.sql<{ count: number }>(
        `SELECT count(*)::integer AS count FROM feed_entries WHERE topic = 'path' AND payload->>'workspaceId' = $1`,
        [fixture.workspaceId()],
      );
      return row?.count;
    };
    await claim(a.id, ['src']);
    expect(await told()).toBe(1);
    const stop = new AbortController();
    const request = { sessionId: b.id, paths: ['src/a.ts'], conflict: 'wait' as const };
    const late = codeOf(claims.claim(fixture.projectId, request, 'agent', { signal: stop.signal }));
    await queued(1);
    expect(await told()).toBe(2);
    stop.abort();
    expect(await late).toBe('PATH_CLAIM_TIMEOUT');
    expect(await told()).toBeGreaterThan(2);
  });

  test('shared claims live beside each other and keep writers out', async () => {
    await newWorkspace();
    const [a, b, c] = [await running(), await running(), await running()];
    const first = await claim(a.id, ['api'], { mode: 'shared' });
    const second = await claim(b.id, ['api/v1'], { mode: 'shared' });
    expect(await codeOf(claim(c.id, ['api/v1/x']))).toBe('PATH_CLAIMED');
    await release(first);
    await release(second);
    expect(await codeOf(claim(c.id, ['api/v1/x']))).toBeNull();
  });

  test('a waiter gets the path when it is let go, in order of priority and then arrival, and nobody overtakes', async () => {
    await newWorkspace();
    const holder = await running();
    const held = await claim(holder.id, ['src/**']);
    const order: string[] = [];
    const wait = async (name: string, priority: number, paths: string[]) => {
      const session = await running(priority);
      return waiting(session.id, paths).then((granted) => {
        order.push(name);
        return granted;
      });
    };
    const all: Promise<PathClaim>[] = [];
    for (const [name, priority] of [
      ['second', 2],
      ['third', 2],
      ['first', 0],
    ] as const) {
      all.push(wait(name, priority, ['src/a.ts', `${name}.txt`]));
      await queued(all.length);
    }
    // Free for now, but somebody who came before waits for it.
    expect(await codeOf(claim((await running()).id, ['second.txt']))).toBe('PATH_CLAIMED');
    await release(held);
    const [second, third, first] = all as [Promise<PathClaim>, Promise<PathClaim>, Promise<PathClaim>];
    await release(await first);
    await release(await second);
    await release(await third);
    expect(order).toEqual(['first', 'second', 'third']);
    const tokens = (await Promise.all([first, second, third])).map(({ fencingToken }) => fencingToken);
    expect([...tokens].sort((x, y) => Number(x) - Number(y))).toEqual(tokens);
  });

  test('a wait ends at its limit, and leaves the queue to those behind', async () => {
    await newWorkspace();
    const [a, b, c] = [await running(), await running(), await running()];
    await claim(a.id, ['x'], { mode: 'shared' });
    const writer = waiting(b.id, ['x', 'y'], { waitSeconds: 3 });
    const caught = expect(writer).rejects.toMatchObject({ code: 'PATH_CLAIM_TIMEOUT' });
    await queued(1);
    const reader = waiting(c.id, ['x'], { mode: 'shared' });
    await caught;
    expect(await reader).toMatchObject({ status: 'held' });
  });

  test('whoever stops waiting leaves the queue', async () => {
    await newWorkspace();
    const [a, b] = [await running(), await running()];
    await claim(a.id, ['x']);
    const stop = new AbortController();
    const wait = claims.claim(fixture.projectId, { sessionId: b.id, paths: ['x'], conflict: 'wait' }, 'agent', {
      signal: stop.signal,
    });
    const caught = expect(wait).rejects.toMatchObject({ code: 'PATH_CLAIM_TIMEOUT' });
    await queued(1);
    stop.abort();
    await caught;
    await queued(0);
  });

  test('the end of a session lets go of its claims in the same transaction, whatever the end', async () => {
    await newWorkspace();
    for (const status of ['completed', 'failed', 'cancelled', 'stopped', 'timeout', 'orphaned', 'expired'] as const) {
      const [a, b] = [await running(), await running()];
      await claim(a.id, ['x', status]);
      const wait = waiting(b.id, [status]);
      await queued(1);
      const gone = waiting(a.id, ['z']);
      await gone;
      await end(a.id, status);
      expect(await wait).toMatchObject({ status: 'held', sessionId: b.id });
      const left = await claims.list(fixture.projectId, {
        filters: [{ field: 'sessionId', operator: 'eq', value: a.id }],
      });
      expect(left.total).toBe(0);
      expect(await codeOf(claim(a.id, ['other']))).toBe('PATH_CLAIM_IMPOSSIBLE');
      await end(b.id, 'completed');
    }
    const [c, d] = [await running(), await running()];
    await claim(c.id, ['x']);
    const wait = waiting(d.id, ['x']);
    await queued(1);
    await fixture.core.sessions.hardDelete(fixture.projectId, c.id, 'me');
    expect(await wait).toMatchObject({ status: 'held' });
  });

  test('a rolled back end of a session lets go of nothing', async () => {
    await newWorkspace();
    const [a, b] = [await running(), await running()];
    await claim(a.id, ['x']);
    const rolledBack = fixture.core.database.transaction(async (tx) => {
      await fixture.core.sessions.within(tx).complete(fixture.projectId, a.id, {}, 'me');
      throw new Error('no');
    });
    await expect(rolledBack).rejects.toThrow('no');
    expect(await codeOf(claim(b.id, ['x']))).toBe('PATH_CLAIMED');
  });

  test('claims of sessions that nobody runs end with their time, and are renewed under their token only', async () => {
    await newWorkspace();
    const [a, b] = [await running(), await running()];
    const held = await claim(a.id, ['x'], { ttlSeconds: 1 });
    expect(held.expiresAt).not.toBeNull();
    const token = held.fencingToken as number;
    const renewed = await claims.renew(fixture.projectId, held.id, { fencingToken: token, ttlSeconds: 2 });
    expect(Date.parse(renewed.expiresAt as string)).toBeGreaterThan(Date.parse(held.expiresAt as string));
    expect(await codeOf(claims.renew(fixture.projectId, held.id, { fencingToken: token + 1 }))).toBe('CLAIM_LOST');
    expect(await waiting(b.id, ['x'])).toMatchObject({ status: 'held' });
    expect(await codeOf(claims.renew(fixture.projectId, held.id, { fencingToken: token }))).toBe('CLAIM_LOST');
    expect(await codeOf(claims.release(fixture.projectId, held.id, { fencingToken: token }))).toBe(
      'PATH_CLAIM_NOT_FOUND',
    );
    expect((await claim(a.id, ['y'])).ttlSeconds).toBe(600);
    const short = await claim(a.id, ['z'], { ttlSeconds: 1 });
    await expect.poll(() => claims.expireDue(), { timeout: 10_000, interval: 50 }).toBeGreaterThan(0);
    expect(await codeOf(claims.get(fixture.projectId, short.id))).toBe('PATH_CLAIM_NOT_FOUND');
  });

  test('sessions that wait for each other lose one wait: the least urgent, then the youngest', async () => {
    await newWorkspace();
    const [a, b, c] = [await running(1), await running(3), await running(1)];
    await claim(a.id, ['a']);
    await claim(b.id, ['b']);
    await claim(c.id, ['c']);
    const first = waiting(a.id, ['b']);
    await queued(1);
    const second = waiting(b.id, ['c']);
    const lost = expect(second).rejects.toMatchObject({
      code: 'PATH_CLAIM_DEADLOCK',
      details: { cycle: expect.arrayContaining([a.id, b.id, c.id]) },
    });
    await queued(2);
    const third = waiting(c.id, ['a']);
    await lost;
    await queued(2);
    await end(b.id, 'failed');
    expect(await first).toMatchObject({ status: 'held' });
    await end(a.id, 'completed');
    expect(await third).toMatchObject({ status: 'held' });
    // Equals: the one that closed the circle gives way.
    const [d, e] = [await running(), await running()];
    await claim(d.id, ['d']);
    await claim(e.id, ['e']);
    const waits = waiting(d.id, ['e']);
    await queued(1);
    expect(await codeOf(waiting(e.id, ['d']))).toBe('PATH_CLAIM_DEADLOCK');
    await end(e.id, 'cancelled');
    expect(await waits).toMatchObject({ status: 'held' });
  });

  test('a holder may take what a waiter behind it also wants: the waiter could not go first', async () => {
    await newWorkspace();
    const [a, b] = [await running(), await running()];
    await claim(a.id, ['x']);
    const wait = waiting(b.id, ['x', 'y']);
    await queued(1);
    expect(await claim(a.id, ['y'])).toMatchObject({ status: 'held' });
    await end(a.id, 'completed');
    expect(await wait).toMatchObject({ status: 'held' });
  });

  test('an operator takes a claim away with a reason, which audit and journal keep', async () => {
    await newWorkspace();
    const [a, b] = [await running(), await running()];
    const held = await claim(a.id, ['x']);
    const wait = waiting(b.id, ['x']);
    await queued(1);
    expect(await codeOf(claims.forceRelease(fixture.projectId, held.id, { reason: ' ' }, 'op'))).toBe(
      'VALIDATION_FAILED',
    );
    await claims.forceRelease(fixture.projectId, held.id, { reason: 'it hangs' }, 'op');
    expect(await wait).toMatchObject({ status: 'held' });
    expect(await fixture.sql('SELECT * FROM audit_events WHERE subject_id = $1', [held.id])).toMatchObject([
      {
        actor: 'op',
        action: 'path_claim.force_release',
        details: { reason: 'it hangs', sessionId: a.id, paths: ['x'] },
      },
    ]);
    const told = await fixture.sql(
      'SELECT actor, payload FROM journal_events WHERE session_id = $1 ORDER BY seq DESC LIMIT 1',
      [a.id],
    );
    expect(told).toMatchObject([
      { actor: 'op', payload: { phase: 'path_claim_released', detail: { reason: 'it hangs' } } },
    ]);
    expect(await codeOf(claims.forceRelease(fixture.projectId, held.id, { reason: 'again' }, 'op'))).toBe(
      'PATH_CLAIM_NOT_FOUND',
    );
  });

  test('handed over with its session, a claim is another agent’s under another token, and calls under way have none', async () => {
    await newWorkspace();
    const [a, b] = [await running(), await running()];
    const held = await claim(a.id, ['x']);
    const request = {
      workspaceId: fixture.workspaceId(),
      sessionId: a.id,
      taskId: null,
      agent: 'old',
      paths: [{ path: 'y', kind: 'literal' as const }],
      mode: 'exclusive' as const,
      ttlSeconds: null,
      conflict: 'wait' as const,
      waitSeconds: 10,
      runToken: null,
    };
    await claims.acquire(fixture.projectId, { ...request, id: fixture.core.ids.uuid(), origin: 'call', callId: 'c1' });
    const wait = waiting(b.id, ['y']);
    await queued(1);
    const count = await fixture.core.database.transaction((tx) =>
      handOverPathClaims(tx, fixture.projectId, a.id, 'new'),
    );
    expect(count).toBe(1);
    expect(await wait).toMatchObject({ status: 'held', sessionId: b.id });
    const now = await claims.get(fixture.projectId, held.id);
    expect(now).toMatchObject({ agent: 'new', status: 'held', grantedAt: held.grantedAt });
    expect(now.fencingToken).toBeGreaterThan(held.fencingToken as number);
    const { fencingToken } = held;
    expect(await codeOf(claims.release(fixture.projectId, held.id, { fencingToken }))).toBe('CLAIM_LOST');
  });

  test('paths are confined to the workspace, and two names of one file are one', async () => {
    const work = await newWorkspace();
    await mkdir(join(work, 'real'));
    await writeFile(join(work, 'real', 'a'), '');
    await symlink('real', join(work, 'alias'));
    await symlink('/', join(work, 'out'));
    const [a, b] = [await running(), await running()];
    expect(await codeOf(claim(a.id, ['../x']))).toBe('VALIDATION_FAILED');
    expect(await codeOf(claim(a.id, ['/etc/passwd']))).toBe('VALIDATION_FAILED');
    expect(await codeOf(claim(a.id, ['!src']))).toBe('VALIDATION_FAILED');
    expect(await codeOf(claim(a.id, ['out/etc/*']))).toBe('PATH_OUTSIDE_WORKSPACE');
    expect((await claim(a.id, ['./alias//a'])).paths).toEqual([{ path: 'real/a', kind: 'literal' }]);
    expect(await codeOf(claim(b.id, ['real/*']))).toBe('PATH_CLAIMED');
    expect((await claim(b.id, ['alias/sub/*.ts'])).paths).toEqual([{ path: 'real/sub/*.ts', kind: 'glob' }]);
    const { id: otherProject } = await fixture.core.projects.create({ slug: 'other' }, 'me');
    expect(await codeOf(claims.claim(otherProject, { sessionId: a.id, paths: ['q'] }, 'x'))).toBe('SESSION_NOT_FOUND');
  });

  test('many callers at once: never two holders of one path, and every one is served', async () => {
    await newWorkspace();
    const sessions = await Promise.all(Array.from({ length: 8 }, () => running()));
    const inside = new Map<string, string>();
    let served = 0;
    await Promise.all(
      sessions.map(async ({ id }, n) => {
        for (let round = 0; round < 4; round++) {
          const path = `dir-${(n + round) % 3}/file`;
          const held = await waiting(id, [path]);
          expect(inside.get(path)).toBeUndefined();
          inside.set(path, id);
          await fixture.sql('SELECT pg_sleep(0.002)');
          inside.delete(path);
          served++;
          await release(held);
        }
      }),
    );
    expect(served).toBe(32);
  });
});
