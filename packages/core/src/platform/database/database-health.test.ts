import { expect, test } from 'vitest';
import { describeOnBackends } from '../../testing/index.ts';
import { loadConfiguration } from '../config/index.ts';
import { PgDatabase } from './pg-database.ts';

describeOnBackends('the health of the database', (backend) => {
  test('DEP-016: is told and never thrown: while it answers, and once it is closed', async () => {
    const opened = await backend.open();
    const healthy = await opened.database.health();
    expect(healthy).toEqual({ available: true, latencyMs: expect.any(Number), reason: null });
    await opened.close();
    expect(await opened.database.health()).toMatchObject({ available: false, latencyMs: null });
  });
});

test('DEP-016: of one that nobody listens for, it says why', async () => {
  const away = new PgDatabase({ kind: 'server', pool: { connectionString: 'postgres://nobody@127.0.0.1:1/none' } });
  const health = await away.health();
  expect(health.available).toBe(false);
  expect(health.reason).not.toBe('');
  await away.close();
});

test('DEP-016: the environment says how many connections there are at most', () => {
  const poolSize = (environment: Record<string, string>) =>
    loadConfiguration({ cwd: import.meta.dirname, environment }).values.databasePoolSize;
  expect([poolSize({}), poolSize({ SIGNALBOX_DATABASE_POOL_SIZE: '30' })]).toEqual([10, 30]);
  expect(() => poolSize({ SIGNALBOX_DATABASE_POOL_SIZE: 'many' })).toThrow();
});
