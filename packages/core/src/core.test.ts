import { pino } from 'pino';
import { expect, test } from 'vitest';
import { createCore } from './core.ts';
import { describeOnBackends, insertTestProject } from './testing/index.ts';

describeOnBackends('core', (backend) => {
  test('hands its settings of idempotency on, and writes the figures of queues when it closes', async () => {
    const { database, close } = await backend.open();
    const project = await insertTestProject(database);
    const core = createCore({
      database,
      dataDir: '/nonexistent',
      nodeId: 'test',
      logger: pino({ level: 'silent' }),
      idempotencySeconds: { tasks: 60, requests: 30 },
    });
    await core.tasks.enqueue(project, { type: 'work', idempotencyKey: 'k' });
    await core.idempotency.begin(project, 'k', Buffer.alloc(32)).then(async (begun) => {
      if (begun.first) await begun.settle.answer({ status: 200, headers: {}, body: '' });
    });
    await core.close();
    const sql = (text: string) => database.query<Record<string, unknown>>({ name: '', text });
    expect(await sql('SELECT kind, count::integer FROM task_activity')).toEqual([{ kind: 'enqueued', count: 1 }]);
    const expiry = (table: string, seconds: number) =>
      sql(
        `SELECT expires_at BETWEEN now() + interval '${seconds - 20} seconds' AND now() + interval '${seconds} seconds' AS well FROM ${table}`,
      );
    expect(await expiry('task_idempotency_keys', 60)).toEqual([{ well: true }]);
    expect(await expiry('idempotency_keys', 30)).toEqual([{ well: true }]);
    await close();
  });
});
