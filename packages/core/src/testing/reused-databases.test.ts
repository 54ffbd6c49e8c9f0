import { expect, test } from 'vitest';
import { describeOnBackends, insertTestProject } from './index.ts';

const sql = (text: string) => ({ name: '', text });

describeOnBackends('databases of tests', (backend) => {
  test('what one test leaves, the next does not see, and what migrations filled is there', async () => {
    const first = await backend.open();
    const count = (opened: typeof first, table: string) =>
      opened.database.query<{ n: number }>(sql(`SELECT count(*)::int AS n FROM ${table}`)).then(([row]) => row?.n);
    const filled = await count(first, 'session_status_transitions');
    await insertTestProject(first.database);
    expect(await count(first, 'projects')).toBe(1);
    await first.close();
    const second = await backend.open();
    expect(await count(second, 'projects')).toBe(0);
    expect(await count(second, 'session_status_transitions')).toBe(filled);
    expect(filled).toBeGreaterThan(0);
    await second.close();
  });

  test('two at once are two, and a schema that a test has changed is not handed on', async () => {
    const [one, other] = await Promise.all([backend.open(), backend.open()]);
    await insertTestProject(one.database);
    expect(await other.database.query(sql('SELECT 1 FROM projects'))).toEqual([]);
    await one.database.query(sql('ALTER TABLE projects DISABLE TRIGGER ALL'));
    await other.database.query(sql('CREATE TABLE left_behind (id int)'));
    await one.close();
    await other.close();
    const next = await backend.open();
    expect(await next.database.query(sql(`SELECT 1 FROM pg_class WHERE relname = 'left_behind'`))).toEqual([]);
    expect(await next.database.query(sql(`SELECT 1 FROM pg_trigger WHERE tgenabled = 'D'`))).toEqual([]);
    await next.close();
  });
});
