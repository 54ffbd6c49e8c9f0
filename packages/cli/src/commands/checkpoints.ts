import type { Checkpoint } from '@signalbox/client';
import { type Command, Option } from 'commander';
import { action, type Registry } from '../action.ts';
import { duration, jsonObject, jsonValue, positiveInteger } from '../arguments.ts';
import type { Column } from '../output/table.ts';
import { formatTime } from '../output/time.ts';
import { resolveSession } from '../session-reference.ts';
import { registerCheckpointTraces } from './checkpoint-traces.ts';
import { type ListOptions, listOptions, listQuery, noteFurtherPages } from './list-options.ts';

const COLUMNS: Column<Checkpoint>[] = [
  { header: '#', value: (checkpoint) => String(checkpoint.sequence), align: 'right' },
  { header: 'CREATED', value: (checkpoint) => formatTime(checkpoint.createdAt) },
  { header: 'JOURNAL', value: (checkpoint) => String(checkpoint.journalSeq), align: 'right' },
  { header: 'DATA', value: (checkpoint) => JSON.stringify(checkpoint.data), flexible: true },
];

export function registerCheckpoints(program: Command, registry: Registry): void {
  const checkpoints = program.command('checkpoints').description('list, show and create resume points of a session');

  registerCheckpointTraces(checkpoints, registry);

  listOptions(checkpoints.command('list <session>').description('list the checkpoints of a session')).action(
    action<[string], ListOptions>(registry, async ({ client, out }, [reference], options) => {
      const page = await client.checkpoints.list(await resolveSession(client, reference), listQuery(options));
      out.document(page);
      out.table(page.items, COLUMNS, 'The session has no checkpoints.');
      noteFurtherPages(out, page);
    }),
  );

  checkpoints
    .command('show <session>')
    .argument('<number>', 'which one', positiveInteger)
    .description('show one checkpoint')
    .action(
      action<[string, number], object>(registry, async ({ client, out }, [reference, sequence]) => {
        const checkpoint = await client.checkpoints.get(await resolveSession(client, reference), sequence);
        out.document(checkpoint);
        out.fields([
          ['session', checkpoint.sessionId],
          ['number', String(checkpoint.sequence)],
          ['created', formatTime(checkpoint.createdAt)],
          ['journal', `after event ${checkpoint.journalSeq}`],
          ['metadata', Object.keys(checkpoint.metadata).length === 0 ? null : JSON.stringify(checkpoint.metadata)],
          ['data', JSON.stringify(checkpoint.data, null, 2)],
        ]);
      }),
    );

  checkpoints
    .command('resume <session>')
    .argument('<number>', 'from which one', positiveInteger)
    .description('go on from a checkpoint; what the session itself changed since is taken back')
    .addOption(
      new Option('--unknown-calls <decision>', 'tool calls of which nobody knows what became of them').choices([
        'skip',
        'retry',
      ]),
    )
    .option('--no-undo', 'leave the files as they are')
    .action(
      action<[string, number], { unknownCalls?: 'skip' | 'retry'; undo: boolean }>(
        registry,
        async ({ client, out }, [reference, sequence], { unknownCalls, undo }) => {
          const id = await resolveSession(client, reference);
          const how = { undo, ...(unknownCalls && { unknownCalls }) };
          const resumed = await client.checkpoints.resume(id, sequence, how);
          out.document(resumed);
          const { session, undoId } = resumed;
          const undone = undoId === null ? '' : `; its later changes were taken back (undo ${undoId})`;
          out.line(`Session ${id} goes on from checkpoint ${sequence} as attempt ${session.attempt}${undone}.`);
        },
      ),
    );

  checkpoints
    .command('create <session>')
    .description('set a checkpoint')
    .requiredOption('--data <json>', 'what is needed to go on from here', jsonValue)
    .option('--metadata <json>', 'remarks', jsonObject)
    .option('--grace <duration>', 'how long the session lives if nothing else happens: 90s, 45m, 12h, 30d', duration)
    .option('--snapshot', 'also keep all events up to it as a failure snapshot')
    .action(
      action<[string], { data: unknown; metadata?: Record<string, unknown>; grace?: number; snapshot?: true }>(
        registry,
        async ({ client, out }, [reference], { data, metadata, grace, snapshot }) => {
          const checkpoint = await client.checkpoints.create(await resolveSession(client, reference), {
            data: data as Checkpoint['data'],
            metadata: (metadata ?? {}) as Checkpoint['metadata'],
            ...(grace === undefined ? {} : { graceTTL: grace }),
            ...(snapshot && { includeFailureSnapshot: true }),
          });
          out.document(checkpoint);
          out.line(`Set checkpoint ${checkpoint.sequence} of session ${checkpoint.sessionId}.`);
        },
      ),
    );
}
