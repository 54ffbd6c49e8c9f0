import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeOnBackends, insertTestProject, insertTestSession, type TestDatabase } from '../testing/index.ts';
import { Journal } from './index.ts';

describeOnBackends('journal', (backend) => {
  let db: TestDatabase;
  let projectId: string;
  beforeAll(async () => {
    db = await backend.open();
    projectId = await insertTestProject(db.database);
  });
  afterAll(() => db.close());

  test('appends and reads back what was appended', async () => {
    const journal = new Journal({ database: db.database });
    const sessionId = await insertTestSession(db.database, projectId);
    const receipts = await journal.append(projectId, sessionId, [
      { type: 'start', actor: 'a' },
      { type: 'message', actor: 'a', payload: { text: 'hello' } },
    ]);
    expect(receipts.map(({ seq }) => seq)).toEqual([1, 2]);
    const page = await journal.read(projectId, sessionId);
    expect(page.total).toBe(2);
    expect(page.items[1]).toMatchObject({ seq: 2, payload: { text: 'hello' }, actor: 'a', attempt: 1 });
  });
});
