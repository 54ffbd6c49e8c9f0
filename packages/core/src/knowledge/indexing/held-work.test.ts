import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../platform/clock/clock.ts';
import type { Executor, Transaction } from '../../platform/database/index.ts';
import { systemIds } from '../../platform/ids/ids.ts';
import { describeOnBackends, insertTestProject, type TestDatabase } from '../../testing/index.ts';
import { Workspaces } from '../../workspaces/index.ts';
import { Knowledge } from '../knowledge.ts';
import { HeldWork } from './held-work.ts';
import { claimIndexJob, insertIndexJob } from './index-job-store.ts';
import { readIndexedFiles } from './indexed-file-store.ts';

describeOnBackends('work that is held', (backend) => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await backend.open();
  });
  afterAll(() => db.close());

  it('leaves nothing where somebody takes it up while it is written', async () => {
    const { database } = db;
    const parts = { database, clock: systemClock, ids: systemIds };
    const knowledge = new Knowledge(parts);
    const projectId = await insertTestProject(database);
    const { id: workspaceId } = await new Workspaces(parts).create(projectId, { path: import.meta.dirname }, 'ann');
    const at = new Date();
    const draft = { id: systemIds.uuid(), workspaceId, full: false, mode: 'types' as const, requestedBy: 'ann', at };
    await database.transaction((tx) => insertIndexJob(tx, projectId, draft));
    let later = 0;
    const claim = async (by: Executor) => {
      later += 1;
      const claimed = await claimIndexJob(by, 'n1', new Date(at.getTime() + later), 0);
      if (!claimed) throw new Error('It is held.');
      return claimed.job;
    };
    const slept = await claim(database);
    const { within } = knowledge;
    knowledge.within = (tx: Transaction) => {
      const { held, ingest } = within.call(knowledge, tx);
      const ingestLate: typeof ingest = async (...said) => {
        const ingested = await ingest(...said);
        // As another node does it; by this connection, since PGlite has no other.
        await claim(tx);
        return ingested;
      };
      return { held, ingest: ingestLate };
    };
    const entity = { id: 'version:a.ts', type: 'version', entityId: 'file:a.ts', hash: 'old', timestamp: at };
    const remembered = { path: 'a.ts', hash: 'old', shape: '', setup: '', isGlobal: false, imports: [] };
    const part = { units: [{ unit: 'typescript:a.ts', entities: [entity] }], files: [remembered] };
    await expect(new HeldWork({ database, knowledge }, slept).take(part)).rejects.toThrow('Somebody else');
    expect(await knowledge.entities(projectId, [entity.id])).toEqual(new Map());
    expect(await readIndexedFiles(database, projectId, workspaceId)).toEqual([]);

    knowledge.within = within;
    await new HeldWork({ database, knowledge }, await claim(database)).take(part);
    expect([...(await knowledge.entities(projectId, [entity.id])).keys()]).toEqual([entity.id]);
    expect(await readIndexedFiles(database, projectId, workspaceId)).toEqual([remembered]);
  });
});
