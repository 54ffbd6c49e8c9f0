import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { postgresBackend } from '../testing/index.ts';
import { assertLockHeld } from './assert-lock-held.ts';
import { LockFixture } from './testing/lock-fixture.ts';

// With two connections only: on PGlite a transaction that stands still holds up everybody.

test('a writer that is stopped between check and commit keeps the lock from others until it is over, and not longer', async () => {
  const db = await postgresBackend.open();
  const fixture = await LockFixture.open(db);
  const { projectId, database } = fixture;
  const [here, there] = [fixture.node(), fixture.node()];
  try {
    const text = 'CREATE TABLE protected_writes (n serial, token bigint)';
    await database.query({ name: '', text });
    const write = { name: '', text: 'INSERT INTO protected_writes (token) VALUES ($1)' };
    const first = await here.acquire(projectId, 'r', { ttlMs: 60_000, renewEveryMs: null });
    const stopped = Promise.withResolvers<void>();
    const checked = Promise.withResolvers<void>();
    const writing = database.transaction(async (tx) => {
      await assertLockHeld(tx, projectId, { lockId: first.id, token: first.token });
      checked.resolve();
      await stopped.promise;
      await tx.query(write, [first.token]);
    });
    await checked.promise;
    await first.renew(300);
    let granted = false;
    const next = there.acquire(projectId, 'r', { waitMs: 30_000 }).then((handle) => {
      granted = true;
      return handle;
    });
    await fixture.queued(1);
    await sleep(1_500);
    expect(first.held).toBe(false);
    expect(granted).toBe(false);
    // Nor does the writer that stands still hold up anybody else of the same domain.
    const other = await there.acquire(projectId, 'other', { waitMs: 0 });
    await other.release();
    stopped.resolve();
    await writing;
    const second = await next;
    await database.transaction(async (tx) => {
      await assertLockHeld(tx, projectId, { resource: 'r', token: second.token });
      await tx.query(write, [second.token]);
    });
    const stale = database.transaction(async (tx) => {
      await assertLockHeld(tx, projectId, { resource: 'r', token: first.token });
      await tx.query(write, [first.token]);
    });
    await expect(stale).rejects.toMatchObject({ code: 'LOCK_LOST' });
    const rows = await database.query<{ token: string }>({
      name: '',
      text: 'SELECT token FROM protected_writes ORDER BY n',
    });
    expect(rows.map(({ token }) => Number(token))).toEqual([first.token, second.token]);
  } finally {
    await fixture.close();
    await db.close();
  }
});

test('a forced release ends the lock for its holder at once, and for others with the write that is just being committed', async () => {
  const db = await postgresBackend.open();
  const fixture = await LockFixture.open(db);
  const { projectId, database } = fixture;
  const [here, there] = [fixture.node(), fixture.node()];
  try {
    const held = await here.acquire(projectId, 'r');
    const go = Promise.withResolvers<void>();
    const checked = Promise.withResolvers<void>();
    const order: string[] = [];
    const writing = database
      .transaction(async (tx) => {
        await assertLockHeld(tx, projectId, { lockId: held.id, token: held.token });
        checked.resolve();
        await go.promise;
      })
      .then(() => order.push('written'));
    await checked.promise;
    await held.renew();
    const waiting = there.acquire(projectId, 'r', { waitMs: 30_000 }).then(() => order.push('granted'));
    await fixture.queued(1);
    await there.forceRelease(projectId, held.id, { actor: 'kim', reason: 'test' });
    await expect(held.renew()).rejects.toMatchObject({ code: 'LOCK_LOST' });
    const again = database.transaction((tx) => assertLockHeld(tx, projectId, { lockId: held.id, token: held.token }));
    await expect(again).rejects.toMatchObject({ code: 'LOCK_LOST' });
    expect(order).toEqual([]);
    go.resolve();
    await Promise.all([writing, waiting]);
    expect(order).toEqual(['written', 'granted']);
  } finally {
    await fixture.close();
    await db.close();
  }
});
