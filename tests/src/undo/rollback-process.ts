import { createCore, filePort, PgDatabase, Rollback, Undos, WorkspaceFiles } from '@signalbox/core';
import { pino } from 'pino';

/**
 * A process that goes back to a rollback point and dies by SIGKILL before the given step of writing files, counted from 1; with 0
 * it lives. Arguments: connection string, data directory, project, point, step.
 */
const [connectionString = '', dataDir = '', projectId = '', pointId = '', step = '0'] = process.argv.slice(2);
const database = new PgDatabase({ kind: 'server', pool: { connectionString } });
const core = createCore({ database, dataDir, nodeId: 'restorer', logger: pino({ level: 'silent' }) });
let steps = 0;
const undos = new Undos({
  ...core,
  nodeId: 'restorer',
  changes: core.workspaceChanges,
  onError: (error) => process.stderr.write(`${String(error)}\n`),
  beforeStep: () => {
    steps += 1;
    if (steps === Number(step)) process.kill(process.pid, 'SIGKILL');
  },
});
const rollback = new Rollback({
  ...core,
  nodeId: 'restorer',
  ports: [filePort(new WorkspaceFiles({ ...core, changes: core.workspaceChanges, undos }))],
});
const { id } = await rollback.operations.start(projectId, pointId, {}, 'tester');
const { status, error } = await rollback.operations.wait(projectId, id);
process.stdout.write(`${JSON.stringify({ status, error, steps })}\n`);
await rollback.close();
await core.close();
await database.close();
