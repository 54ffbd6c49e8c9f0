import { createCore, PgDatabase, Undos } from '@signalbox/core';
import { pino } from 'pino';

/**
 * A process that undoes a session's changes and dies by SIGKILL before the given step of its writing, counted from 1; with 0
 * it lives. Arguments: connection string, data directory, project, session, step.
 */
const [connectionString = '', dataDir = '', projectId = '', sessionId = '', step = '0'] = process.argv.slice(2);
const database = new PgDatabase({ kind: 'server', pool: { connectionString } });
const core = createCore({ database, dataDir, nodeId: 'undoer', logger: pino({ level: 'silent' }) });
let steps = 0;
const undos = new Undos({
  ...core,
  nodeId: 'undoer',
  changes: core.workspaceChanges,
  onError: (error) => process.stderr.write(`${String(error)}\n`),
  beforeStep: () => {
    steps += 1;
    if (steps === Number(step)) process.kill(process.pid, 'SIGKILL');
  },
});
const { id } = await undos.create(projectId, { selection: { sessionIds: [sessionId] } }, 'tester');
const undo = await undos.finished(projectId, id);
process.stdout.write(`${JSON.stringify({ status: undo.status, error: undo.error, steps })}\n`);
await core.close();
await database.close();
