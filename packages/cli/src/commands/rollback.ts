import {
  ApiError,
  type Client,
  type RollbackOperation,
  type RollbackPoint,
  type RollbackPreview,
  type StartRollback,
} from '@signalbox/client';
import { type Command, Option } from 'commander';
import { action, type Registry } from '../action.ts';
import { positiveInteger } from '../arguments.ts';
import { confirmed } from '../confirm.ts';
import type { Output } from '../output/output.ts';
import type { Column } from '../output/table.ts';
import { formatTime } from '../output/time.ts';
import { resolveSession } from '../session-reference.ts';
import { type ListOptions, listOptions, listQuery, noteFurtherPages } from './list-options.ts';
import { registerRollbackCaptures } from './rollback-captures.ts';
import { registerRollbackMonitoring } from './rollback-monitoring.ts';
import { findPoint } from './rollback-point-reference.ts';

const POINT_COLUMNS: Column<RollbackPoint>[] = [
  { header: 'ID', value: (point) => point.id },
  { header: 'NAME', value: (point) => point.name, flexible: true },
  { header: 'HOLDS', value: (point) => point.captured.join(', ') },
  { header: 'MADE', value: (point) => formatTime(point.createdAt) },
  { header: 'EXPIRES', value: (point) => formatTime(point.expiresAt) },
];

const OPERATION_COLUMNS: Column<RollbackOperation>[] = [
  { header: 'ID', value: (operation) => operation.id },
  { header: 'POINT', value: (operation) => operation.targetRollbackPointName, flexible: true },
  { header: 'STRATEGY', value: (operation) => operation.strategy ?? '' },
  { header: 'STARTED', value: (operation) => formatTime(operation.startedAt) },
  { header: 'DONE', value: (operation) => `${operation.progress} %` },
  {
    header: 'STATUS',
    value: (operation) => operation.status,
    colour: (operation) =>
      operation.status === 'completed' ? 'green' : operation.status === 'failed' ? 'red' : 'yellow',
  },
];

type Change = RollbackPreview['changes'][number];
const CHANGE_COLUMNS: Column<Change>[] = [
  { header: 'CHANGE', value: (change) => change.operation },
  { header: 'WHAT', value: (change) => change.path, flexible: true },
];

const FINAL: readonly RollbackOperation['status'][] = ['completed', 'failed', 'cancelled'];
const LOOK_AGAIN_MS = 250;

interface CreateOptions {
  description?: string;
  session?: string;
  workspace?: string;
  ttl?: number;
  keep?: true;
}

interface ApplyOptions {
  strategy?: NonNullable<StartRollback['strategy']>;
  onConflict?: NonNullable<StartRollback['conflictResolution']>;
  dryRun?: true;
  backup?: true;
  yes?: true;
}

export function registerRollback(program: Command, registry: Registry): void {
  const rollback = program
    .command('rollback')
    .description('points to go back to, and going back to them (<point> is a name or an id)');

  registerRollbackMonitoring(rollback, registry);
  registerRollbackCaptures(rollback, registry);

  rollback
    .command('points')
    .description('list the points, newest first')
    .option('--page <number>', 'which page', positiveInteger)
    .option('--limit <count>', 'how many on a page, up to 100', positiveInteger)
    .option('--session <id>', 'those of one session')
    .action(
      action<[], ListOptions & { session?: string }>(registry, async ({ client, out }, _args, options) => {
        const { page, limit: pageSize, session } = options;
        const sessionId = session === undefined ? undefined : await resolveSession(client, session);
        const points = await client.rollback.points({ page, pageSize, sessionId });
        out.document(points);
        out.table(points.items, POINT_COLUMNS, 'There are no rollback points.');
        noteFurtherPages(out, points);
      }),
    );

  rollback
    .command('create <name>')
    .description('capture how everything is now')
    .option('--description <text>', 'what it is for')
    .option('--session <id>', 'hold the state of this session, and the files of its workspace')
    .option('--workspace <id>', 'hold the files of this workspace')
    .option('--ttl <hours>', 'hours until it expires', positiveInteger)
    .option('--keep', 'let it never expire')
    .action(
      action<[string], CreateOptions>(registry, async ({ client, out }, [name], options) => {
        const point = await client.rollback.create({
          name,
          ...(options.description === undefined ? {} : { description: options.description }),
          ...(options.session === undefined ? {} : { sessionId: await resolveSession(client, options.session) }),
          ...(options.workspace === undefined ? {} : { workspaceId: options.workspace }),
          ...(options.keep ? { ttl: null } : options.ttl === undefined ? {} : { ttl: options.ttl * 3_600_000 }),
        });
        out.document(point);
        out.line(`Made ${out.style('bold', point.name)} (${point.id}). It holds: ${point.captured.join(', ')}.`);
        if (!point.consistent) out.note('Files changed while it was made: it may not be of one moment.');
      }),
    );

  rollback
    .command('show <point-or-operation>')
    .description('what has changed since a point, or how far an operation is')
    .action(
      action<[string], object>(registry, async ({ client, out }, [reference]) => {
        const operation = await client.rollback.operation(reference).catch(noneOf);
        if (operation) {
          out.document(operation);
          tellOperation(out, operation);
          return;
        }
        const point = await findPoint(client, reference);
        const diff = await client.rollback.diff(point.id);
        out.document({ point, diff });
        out.table(diff.changes, CHANGE_COLUMNS, `Nothing has changed since ${point.name}.`);
      }),
    );

  howOptions(rollback.command('preview <point>').description('what going back would do; changes nothing')).action(
    action<[string], ApplyOptions>(registry, async ({ client, out }, [reference], options) => {
      const point = await findPoint(client, reference);
      const preview = await client.rollback.preview(point.id, toStart(options));
      out.document(preview);
      tellPreview(out, preview);
    }),
  );

  howOptions(rollback.command('apply <point>').description('go back to a point'))
    .option('--dry-run', 'only record what would be done')
    .option('--backup', 'make a point first, so that this can be undone; safe always does')
    .option('--yes', 'do not ask')
    .action(
      action<[string], ApplyOptions>(registry, async ({ client, out, io }, [reference], options) => {
        const point = await findPoint(client, reference);
        const preview = await client.rollback.preview(point.id, toStart(options));
        const count = preview.totalChanges;
        if (!options.dryRun && count > 0 && !(await confirmed(io, `Put back ${count} change(s)?`, options.yes))) {
          out.note('Left as it is.');
          return;
        }
        const started = await client.rollback.start(point.id, toStart(options));
        const operation = await followed(client, started);
        out.document(operation);
        tellOperation(out, operation);
        if (operation.status !== 'completed') {
          throw new Error(operation.error?.message ?? 'The rollback was cancelled.');
        }
      }),
    );

  rollback
    .command('cancel <operation>')
    .description('stop a rollback between two changes')
    .action(
      action<[string], object>(registry, async ({ client, out }, [id]) => {
        const answer = await client.rollback.cancel(id);
        out.document(answer);
        out.line(
          answer.cancelled ? `Stopped rollback ${id}.` : `Rollback ${id} is ${answer.operation.status} already.`,
        );
      }),
    );

  rollback
    .command('undo <operation>')
    .description('go back to where everything was before a rollback')
    .action(
      action<[string], object>(registry, async ({ client, out }, [id]) => {
        const operation = await followed(client, await client.rollback.undo(id));
        out.document(operation);
        tellOperation(out, operation);
      }),
    );

  rollback
    .command('delete <point>')
    .description('delete a point and what it holds')
    .action(
      action<[string], object>(registry, async ({ client, out }, [reference]) => {
        const { id, name, version } = await findPoint(client, reference);
        await client.rollback.delete(id, version);
        out.document({ id, deleted: true });
        out.line(`Deleted ${out.style('bold', name)}.`);
      }),
    );

  listOptions(rollback.command('operations').description('list rollbacks, newest first')).action(
    action<[], ListOptions>(registry, async ({ client, out }, _args, options) => {
      const page = await client.rollback.operations(listQuery(options));
      out.document(page);
      out.table(page.items, OPERATION_COLUMNS, 'There were no rollbacks.');
      noteFurtherPages(out, page);
    }),
  );
}

function howOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--strategy <name>', 'how; by default as recommended').choices([
        'immediate',
        'gradual',
        'safe',
        'force',
      ]),
    )
    .addOption(
      new Option('--on-conflict <resolution>', 'what becomes of changes that are in conflict').choices([
        'abort',
        'skip',
        'overwrite',
        'merge',
      ]),
    );
}

function toStart({ strategy, onConflict, dryRun, backup }: ApplyOptions): StartRollback {
  return {
    ...(strategy === undefined ? {} : { strategy, confirm: strategy === 'force' }),
    ...(onConflict === undefined ? {} : { conflictResolution: onConflict }),
    ...(dryRun ? { dryRun } : {}),
    ...(backup ? { backup } : {}),
  };
}

/** The operation once it is over. */
async function followed(client: Client, started: RollbackOperation): Promise<RollbackOperation> {
  let operation = started;
  while (!FINAL.includes(operation.status)) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    operation = await client.rollback.operation(started.id);
  }
  return operation;
}

function tellPreview(out: Output, preview: RollbackPreview): void {
  out.table(preview.changes, CHANGE_COLUMNS, 'Nothing would change.');
  for (const problem of preview.problems) out.note(`It would be refused: ${problem}.`);
  for (const { path, type } of preview.potentialConflicts) out.note(`In conflict: ${path} (${type}).`);
  if (preview.changes.length > 0)
    out.line(`By the strategy ${preview.strategy}, in about ${preview.estimatedDuration} ms.`);
}

function tellOperation(out: Output, operation: RollbackOperation): void {
  const { status, result, preview, error, targetRollbackPointName: name, backupPointId, undoIds, id } = operation;
  if (preview) tellPreview(out, preview);
  else if (status === 'completed')
    out.line(`Went back to ${out.style('bold', name)}: ${result?.appliedChanges ?? 0} change(s).`);
  else out.line(`Rollback ${id} to ${out.style('bold', name)}: ${status}, ${operation.progress} %.`);
  if (error) out.note(error.message);
  for (const path of result?.skipped ?? []) out.note(`Left as it was: ${path}.`);
  for (const failure of result?.errors ?? []) out.note(`Not applied: ${failure.type} ${failure.id}: ${failure.error}`);
  for (const undoId of undoIds) out.note(`Its files were put back by undo ${undoId}.`);
  if (backupPointId !== null) out.note(`Undo it with: signalbox rollback undo ${id}`);
}

/** A reference that is no operation's id, or not one's that there is, may be a point's; anything else went wrong. */
function noneOf(error: unknown): null {
  if (ApiError.is(error) && (error.status === 400 || error.status === 404)) return null;
  throw error;
}
