import { createCore, PgDatabase } from '@signalbox/core';
import { pino } from 'pino';

/** A process that makes a session's work tree, to be killed meanwhile. Arguments: connection string, data directory, project, session, workspace. */
const [connectionString = '', dataDir = '', projectId = '', id = '', workspaceId = ''] = process.argv.slice(2);
const database = new PgDatabase({ kind: 'server', pool: { connectionString } });
const core = createCore({ database, dataDir, nodeId: 'maker', logger: pino({ level: 'silent' }) });
await core.workTrees.ensure({ id, projectId, workspaceId }, 'maker', async () => undefined);
await core.close();
await database.close();
