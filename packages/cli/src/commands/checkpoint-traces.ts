import type { Anchor, Client, FailureSnapshot } from '@signalbox/client';
import type { Command } from 'commander';
import { action, type Registry } from '../action.ts';
import { positiveInteger } from '../arguments.ts';
import type { Context } from '../context.ts';
import type { Column } from '../output/table.ts';
import { formatTime } from '../output/time.ts';
import { resolveSession } from '../session-reference.ts';
import { UsageError } from '../usage-error.ts';
import { noteFurtherPages } from './list-options.ts';

const ANCHOR_COLUMNS: Column<Anchor>[] = [
  { header: 'CHECKPOINT', value: (anchor) => anchor.checkpointId },
  { header: 'SESSION', value: (anchor) => anchor.sessionId },
  { header: 'OUTCOME', value: (anchor) => anchor.outcome },
  { header: 'BY', value: (anchor) => anchor.actors.join(', '), flexible: true },
  { header: 'TIME', value: (anchor) => formatTime(anchor.timestamp) },
];

const SNAPSHOT_COLUMNS: Column<FailureSnapshot>[] = [
  { header: 'ID', value: (snapshot) => snapshot.id },
  { header: 'SESSION', value: (snapshot) => snapshot.sessionId },
  { header: '#', value: (snapshot) => String(snapshot.sequence), align: 'right' },
  { header: 'OUTCOME', value: (snapshot) => snapshot.outcome },
  { header: 'JOURNAL', value: (snapshot) => String(snapshot.journalSeq), align: 'right' },
  { header: 'TIME', value: (snapshot) => formatTime(snapshot.createdAt) },
];

/** Restoring, and what checkpoints leave behind: anchors with entities, snapshots of failures. */
export function registerCheckpointTraces(checkpoints: Command, registry: Registry): void {
  checkpoints
    .command('restore <session>')
    .argument('<number>', 'which one', positiveInteger)
    .description('make a new session that stands where this one stood at a checkpoint')
    .option('--title <title>', 'what to call it')
    .action(
      action<[string, number], { title?: string }>(registry, async (context, [reference, sequence], { title }) => {
        await restore(context, await resolveSession(context.client, reference), sequence, title);
      }),
    );

  checkpoints
    .command('anchors <entity>')
    .description('list the last checkpoints that touched an entity, the newest last')
    .action(
      action<[string], object>(registry, async ({ client, out }, [entity]) => {
        const page = await client.checkpoints.anchors(entity);
        out.document(page);
        out.table(page.items, ANCHOR_COLUMNS, `No checkpoint touched ${entity}.`);
      }),
    );

  checkpoints
    .command('restore-anchor <entity>')
    .description('make a new session that stands where the last checkpoint that touched an entity was taken')
    .option('--checkpoint <id>', 'of its anchors the one of this checkpoint')
    .option('--title <title>', 'what to call it')
    .action(
      action<[string], { checkpoint?: string; title?: string }>(registry, async (context, [entity], options) => {
        const { items } = await context.client.checkpoints.anchors(entity);
        const wanted = options.checkpoint;
        const anchor = wanted === undefined ? items.at(-1) : items.find(({ checkpointId }) => checkpointId === wanted);
        if (!anchor) throw new UsageError(`${entity} has no ${wanted === undefined ? 'anchor' : 'such anchor'}.`);
        const { sessionId, checkpointId } = anchor;
        await restore(context, sessionId, await sequenceOf(context.client, sessionId, checkpointId), options.title);
      }),
    );

  checkpoints
    .command('snapshot <session>')
    .description('keep how the session stands now: a checkpoint, and a snapshot of all events up to it')
    .action(
      action<[string], object>(registry, async ({ client, out }, [reference]) => {
        const sessionId = await resolveSession(client, reference);
        const checkpoint = await client.checkpoints.create(sessionId, { data: null, includeFailureSnapshot: true });
        out.document(checkpoint);
        out.line(
          `Kept checkpoint ${checkpoint.sequence} of session ${sessionId}, up to event ${checkpoint.journalSeq}.`,
        );
      }),
    );

  checkpoints
    .command('snapshots')
    .description('list what was kept of failures, or asked for, the newest first')
    .option('--session <session>', 'of one session')
    .option('--page <number>', 'which page', positiveInteger)
    .option('--limit <count>', 'how many on a page, up to 100', positiveInteger)
    .action(
      action<[], { session?: string; page?: number; limit?: number }>(
        registry,
        async ({ client, out }, _args, { session, page = 1, limit = 20 }) => {
          const sessionId = session === undefined ? {} : { sessionId: await resolveSession(client, session) };
          const found = await client.checkpoints.failureSnapshots({ ...sessionId, page, pageSize: limit });
          out.document(found);
          out.table(found.items, SNAPSHOT_COLUMNS, 'There are no snapshots.');
          noteFurtherPages(out, found);
        },
      ),
    );

  checkpoints
    .command('statistics')
    .description('how many checkpoints, anchors and snapshots there are')
    .action(
      action<[], object>(registry, async ({ client, out }) => {
        const statistics = await client.checkpoints.statistics();
        out.document(statistics);
        out.fields(Object.entries(statistics).map(([name, count]) => [name, String(count)]));
      }),
    );
}

async function restore({ client, out }: Context, sessionId: string, sequence: number, title?: string): Promise<void> {
  const session = await client.checkpoints.restore(sessionId, sequence, title === undefined ? {} : { title });
  out.document(session);
  out.line(
    `Made session ${session.id}, standing as ${sessionId} did at checkpoint ${sequence}. Nothing runs in it yet.`,
  );
}

/** The number of a checkpoint that is known by its id. */
async function sequenceOf(client: Client, sessionId: string, checkpointId: string): Promise<number> {
  for (let page = 1; ; page++) {
    const { items, total, pageSize } = await client.checkpoints.list(sessionId, { page, pageSize: 100 });
    const found = items.find(({ id }) => id === checkpointId);
    if (found) return found.sequence;
    if (page * pageSize >= total)
      throw new UsageError(`Session ${sessionId} has no checkpoint ${checkpointId} any more.`);
  }
}
