import { setTimeout as wait } from 'node:timers/promises';
import { PgDatabase } from '@signalbox/core';
import { openCore } from '../opened-core.ts';

/** Reads all below a directory into the graph of a new project, in a database that has its tables, until every row is committed. */
const [root = '', connectionString = ''] = process.argv.slice(2);
const opened = await openCore(new PgDatabase({ kind: 'server', pool: { connectionString } }));
const { core, projectId } = opened;
const { id: workspaceId } = await core.workspaces.create(projectId, { path: root }, 'bench');
core.indexing.start();
const { id } = await core.indexing.request(projectId, { workspaceId }, 'bench');
for (;;) {
  const { status, entities, relationships, error } = await core.indexing.get(projectId, id);
  if (status === 'failed') throw new Error(error ?? 'Indexing failed.');
  if (status === 'completed') {
    console.log(`${entities} entities, ${relationships} relationships`);
    break;
  }
  await wait(20);
}
await core.indexing.stop();
await opened.close();
