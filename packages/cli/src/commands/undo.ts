import type { Client, CreateUndo, Undo, UndoPlan } from '@signalbox/client';
import { type Command, Option } from 'commander';
import { action, type Registry } from '../action.ts';
import { collect, positiveInteger } from '../arguments.ts';
import { confirmed } from '../confirm.ts';
import type { Context } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import type { Column } from '../output/table.ts';
import { formatTime } from '../output/time.ts';
import { resolveSession } from '../session-reference.ts';
import { UsageError } from '../usage-error.ts';
import { type ListOptions, listOptions, listQuery, noteFurtherPages } from './list-options.ts';

interface UndoOptions {
  preview?: true;
  diff?: true;
  call?: string[];
  change?: string[];
  since?: string;
  until?: string;
  sinceCheckpoint?: number;
  sincePoint?: string;
  entity?: string[];
  onConflict?: 'ours' | 'theirs' | 'skip' | 'ask';
  includeDependent?: true;
  skipDependent?: true;
  asCommit?: true;
  force?: true;
  yes?: true;
}

const PATH_COLUMNS: Column<UndoPlan['paths'][number]>[] = [
  { header: 'OUTCOME', value: (path) => path.outcome },
  { header: '+', value: (path) => String(path.additions), align: 'right' },
  { header: '-', value: (path) => String(path.deletions), align: 'right' },
  { header: 'PATH', value: (path) => path.path, flexible: true },
];

const UNDO_COLUMNS: Column<Undo>[] = [
  { header: 'ID', value: (undo) => undo.id },
  { header: 'STATUS', value: (undo) => undo.status },
  { header: 'PATHS', value: (undo) => String(undo.plan?.paths.length ?? 0), align: 'right' },
  { header: 'BY', value: (undo) => undo.requestedBy },
  { header: 'CREATED', value: (undo) => formatTime(undo.createdAt) },
];

export function registerUndo(program: Command, registry: Registry): void {
  program
    .command('undo <session> [paths...]')
    .description('take back what a session changed, and keep what came after')
    .option('--preview', 'only show what it would do')
    .option('--diff', 'with --preview: show the diffs, too')
    .option('--call <id>', 'only changes of a tool call; may be repeated', collect)
    .option('--change <id>', 'also a change that is nobody’s or doubtful; may be repeated', collect)
    .option('--since <time>', 'only changes from then on')
    .option('--until <time>', 'only changes before then')
    .option('--since-checkpoint <number>', 'only changes since that checkpoint of the session', positiveInteger)
    .option('--since-point <id>', 'only changes since that rollback point was made')
    .option('--entity <id>', 'only changes of the files that hold an entity of the code; may be repeated', collect)
    .addOption(
      new Option('--on-conflict <answer>', 'where something newer stands in the same place')
        .choices(['ours', 'theirs', 'skip', 'ask'])
        .default('ask'),
    )
    .option('--include-dependent', 'also undo later changes that overlap')
    .option('--skip-dependent', 'leave changes that later ones overlap')
    .option('--as-commit', 'also commit the restored files to your branch')
    .option('--force', 'write although tool calls are running after 30 seconds')
    .option('-y, --yes', 'do not ask')
    .action(
      action<[session: string, paths: string[]], UndoOptions>(
        registry,
        async (context, [reference, paths], options) => {
          const sessionId = await resolveSession(context.client, reference);
          const wanted = undoOf(sessionId, paths, options);
          const plan = await context.client.undos.preview({ selection: wanted.selection, options: wanted.options });
          if (options.preview) {
            context.out.document(plan);
            showPlan(context, plan, options.diff === true);
            return;
          }
          showPlan(context, plan, false);
          const count = plan.paths.filter(({ outcome }) => outcome === 'restored' || outcome === 'merged').length;
          const question = `Undo ${plan.changeIds.length} changes, writing ${count} files?`;
          if (!(await confirmed(context.io, question, options.yes))) return registry.exitWith(EXIT.interrupted);
          await carryOut(
            context,
            registry,
            await context.client.undos.create({ ...wanted, expectedPlan: plan.digest }),
          );
        },
      ),
    );

  program
    .command('redo <undo>')
    .description('take back an undo; `last` is the latest')
    .addOption(
      new Option('--on-conflict <answer>', 'where something newer stands').choices(['ours', 'theirs', 'skip', 'ask']),
    )
    .option('--force', 'write although tool calls are running after 30 seconds')
    .option('-y, --yes', 'do not ask')
    .action(
      action<[id: string], UndoOptions>(registry, async (context, [reference], options) => {
        const id = await resolveUndo(context.client, reference);
        if (!(await confirmed(context.io, `Take back undo ${id}?`, options.yes))) {
          return registry.exitWith(EXIT.interrupted);
        }
        const how = { options: { onConflict: answerOf(options) }, force: options.force === true };
        await carryOut(context, registry, await context.client.undos.redo(id, how));
      }),
    );

  listOptions(program.command('undos').description('list undos')).action(
    action<[], ListOptions>(registry, async ({ client, out }, _args, options) => {
      const page = await client.undos.list(listQuery(options));
      out.document(page);
      out.table(page.items, UNDO_COLUMNS, 'Nothing was undone yet.');
      noteFurtherPages(out, page);
    }),
  );
}

async function resolveUndo(client: Client, reference: string): Promise<string> {
  if (reference !== 'last') return reference;
  const { items } = await client.undos.list({ pageSize: 1 });
  const [latest] = items;
  if (latest === undefined) throw new UsageError('Nothing was undone yet, so there is no last undo.');
  return latest.id;
}

function undoOf(sessionId: string, paths: string[], options: UndoOptions): CreateUndo {
  const { call, change, since, until, sinceCheckpoint: sequence, sincePoint, entity } = options;
  const onDependent = options.includeDependent ? 'include' : options.skipDependent ? 'skip' : 'conflict';
  return {
    selection: {
      sessionIds: [sessionId],
      ...(paths.length > 0 && { paths }),
      ...(call && { callIds: call }),
      ...(change && { changeIds: change }),
      ...(since !== undefined && { since: new Date(since).toISOString() }),
      ...(until !== undefined && { until: new Date(until).toISOString() }),
      ...(sequence !== undefined && { sinceCheckpoint: { sessionId, sequence } }),
      ...(sincePoint !== undefined && { sincePoint }),
      ...(entity && { entities: entity }),
    },
    options: { onConflict: answerOf(options), onDependent },
    force: options.force === true,
    asCommit: options.asCommit === true,
  };
}

function answerOf({ onConflict = 'ask' }: UndoOptions): 'ours' | 'theirs' | 'skip' | 'ask_user' {
  return onConflict === 'ask' ? 'ask_user' : onConflict;
}

function showPlan({ out }: Context, plan: UndoPlan, diffs: boolean): void {
  out.table(plan.paths, PATH_COLUMNS, 'There is nothing to write.');
  for (const { path, kind, dependents, answer } of plan.conflicts) {
    const newer = dependents.length > 0 ? ` with ${dependents.join(', ')}` : '';
    out.note(`${out.style('bold', answer === null ? 'Conflict' : `Conflict, ${answer}`)}: ${path} (${kind}${newer})`);
  }
  for (const { changeId, path, attribution } of plan.leftOut) {
    out.note(`Left out: ${path} is ${attribution}; add --change ${changeId} to undo it, too.`);
  }
  for (const { oid, subject } of plan.commits) out.note(`Stays: commit ${oid.slice(0, 12)} ${subject}`);
  if (diffs) for (const { diff } of plan.paths) if (diff !== null) out.raw(diff);
}

async function carryOut({ client, out }: Context, registry: Registry, begun: Undo): Promise<void> {
  const undo = await client.undos.finished(begun.id);
  out.document(undo);
  if (undo.status === 'completed') {
    out.line(`Undone: ${undo.report?.written ?? 0} paths written. Take it back with: signalbox redo ${undo.id}`);
    const commit = undo.report?.revertCommit ?? null;
    if (commit !== null) out.line(`Committed as ${commit.slice(0, 12)}.`);
    return;
  }
  registry.exitWith(EXIT.failure);
  out.note(undo.error?.message ?? `Undo ${undo.id} is ${undo.status}.`);
  for (const path of undo.report?.foreign ?? []) out.note(`Left alone, since somebody else wrote it: ${path}`);
}
