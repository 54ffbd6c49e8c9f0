import { join } from 'node:path';
import pg from 'pg';
import { expect, it } from 'vitest';
import { systemClock } from '../../clock/clock.ts';
import { exportData } from '../transfer/index.ts';
import { joinTier } from './index.ts';
import { directory, program } from './testing/workbench.ts';

const parts = { clock: systemClock, programVersion: '0.0.0-test' };
const settings = (dataDir: string) => ({ databaseUrl: null, dataDir, embedded: null });

it('a backup joins the embedded PostgreSQL of a running program and leaves it running', async () => {
  const dir = directory();
  const running = program(dir);
  const { pid } = await running.next();
  await running.ask('write 5');
  const tier = await joinTier(settings(dir), parts);
  expect(tier.notice).toContain(`process ${pid} on `);
  const client = new pg.Client(tier.poolConfig);
  await client.connect();
  const { tables } = await exportData(client, join(dir, 'backup.archive'), { ...parts, migrationsTable: 'none' });
  expect(tables).toEqual([{ table: 'public.written', rows: 5 }]);
  await client.end();
  await tier.close();
  expect(await running.ask('write 1')).toEqual({ event: 'written', rows: 6 });
  await running.ask('close');
});

it('a backup opens the data directory itself when nobody uses it', async () => {
  const dir = directory();
  const tier = await joinTier(settings(dir), parts);
  expect(tier).toMatchObject({ kind: 'embedded', notice: null });
  await tier.close();
});

it('a PGlite of another program cannot be joined, and that program is named', async () => {
  const dir = directory();
  const running = program(dir, { embedded: 'pglite' });
  const { pid } = await running.next();
  await expect(joinTier(settings(dir), parts)).rejects.toThrow(`process ${pid} on `);
});
