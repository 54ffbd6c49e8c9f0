import { PgDatabase } from '@signalbox/core';
import { openCore } from '../opened-core.ts';

/** Enqueues a task for each number it is sent, and answers when that was done, until the channel to the benchmark breaks. */
const { connectionString, projectId } = JSON.parse(process.argv[2] ?? '{}') as Record<string, string>;
const database = new PgDatabase({ kind: 'server', pool: { connectionString: connectionString ?? '' } });
const { core, close } = await openCore(database, { nodeId: 'enqueuer' });
process.on('message', async (n) => {
  await core.tasks.enqueue(projectId ?? '', { type: 'noop', payload: { n: Number(n) } });
  process.send?.(String(process.hrtime.bigint()));
});
process.once('disconnect', close);
process.send?.('ready');
