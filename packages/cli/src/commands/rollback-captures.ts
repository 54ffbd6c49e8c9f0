import type { RollbackSnapshot } from '@signalbox/client';
import type { Command } from 'commander';
import { action, type Registry } from '../action.ts';
import type { Column } from '../output/table.ts';
import { formatTime } from '../output/time.ts';
import { resolveSession } from '../session-reference.ts';
import { findPoint } from './rollback-point-reference.ts';

const SNAPSHOT_COLUMNS: Column<RollbackSnapshot>[] = [
  { header: 'HOLDS', value: (snapshot) => snapshot.type },
  { header: 'BYTES', value: (snapshot) => String(snapshot.size), align: 'right' },
  { header: 'TAKEN', value: (snapshot) => formatTime(snapshot.createdAt) },
  { header: 'CHECKSUM', value: (snapshot) => snapshot.checksum, flexible: true },
];

/** What points hold, and what happened around those of a session. */
export function registerRollbackCaptures(rollback: Command, registry: Registry): void {
  rollback
    .command('snapshots <point>')
    .description('list what a point holds')
    .action(
      action<[string], object>(registry, async ({ client, out }, [reference]) => {
        const page = await client.rollback.snapshots((await findPoint(client, reference)).id);
        out.document(page);
        out.table(page.items, SNAPSHOT_COLUMNS, 'It holds nothing.');
      }),
    );

  rollback
    .command('recapture <point>')
    .description('capture again what a point holds, in place of what it held')
    .action(
      action<[string], object>(registry, async ({ client, out }, [reference]) => {
        const point = await client.rollback.recapture((await findPoint(client, reference)).id);
        out.document(point);
        out.line(`${out.style('bold', point.name)} holds how everything is now: ${point.captured.join(', ')}.`);
        if (!point.consistent) out.note('Files changed meanwhile: it may not be of one moment.');
      }),
    );

  rollback
    .command('history <session>')
    .description('the points, rollbacks and checkpoints of a session')
    .action(
      action<[string], object>(registry, async ({ client, out }, [reference]) => {
        const history = await client.rollback.sessionHistory(await resolveSession(client, reference));
        out.document(history);
        const { rollbackPoints, operations, checkpoints } = history;
        for (const { name, id, createdAt } of rollbackPoints)
          out.line(`${formatTime(createdAt)}  point ${name} (${id})`);
        for (const { targetRollbackPointName, status, id, startedAt } of operations) {
          out.line(`${formatTime(startedAt)}  rollback to ${targetRollbackPointName}: ${status} (${id})`);
        }
        for (const { sequence, createdAt } of checkpoints) out.line(`${formatTime(createdAt)}  checkpoint ${sequence}`);
      }),
    );
}
