import type { Client, WorkTree, WorkTreePreview } from '@signalbox/client';
import type { Command } from 'commander';
import { action, type Registry } from '../action.ts';
import { confirmed } from '../confirm.ts';
import type { Context } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import type { Column } from '../output/table.ts';
import { formatTime } from '../output/time.ts';
import { resolveSession } from '../session-reference.ts';
import { UsageError } from '../usage-error.ts';
import { type ListOptions, listOptions, listQuery, noteFurtherPages } from './list-options.ts';

const COLUMNS: Column<WorkTree>[] = [
  { header: 'ID', value: (tree) => tree.id },
  { header: 'BRANCH', value: (tree) => tree.branch },
  { header: 'STATUS', value: (tree) => tree.status },
  { header: 'SESSION', value: (tree) => tree.sessionTitle ?? 'gone', flexible: true },
  { header: 'IS', value: (tree) => tree.sessionStatus ?? '' },
  { header: 'MADE', value: (tree) => formatTime(tree.createdAt) },
];

type ChangedFile = WorkTreePreview['files'][number];
const FILE_COLUMNS: Column<ChangedFile>[] = [
  { header: 'CHANGE', value: (file) => file.operation },
  { header: '+', value: (file) => (file.binary ? '' : String(file.additions)), align: 'right' },
  { header: '-', value: (file) => (file.binary ? '' : String(file.deletions)), align: 'right' },
  { header: 'PATH', value: (file) => file.path, flexible: true },
];

export function registerWorkTrees(program: Command, registry: Registry): void {
  const worktrees = program
    .command('worktrees')
    .description('what sessions did that work apart, to be merged or discarded');

  listOptions(worktrees.command('list').description('list the work trees')).action(
    action<[], ListOptions>(registry, async ({ client, out }, _args, options) => {
      const page = await client.worktrees.list(listQuery(options));
      out.document(page);
      out.table(page.items, COLUMNS, 'There are none. Start one with `signalbox run --isolation worktree …`.');
      noteFurtherPages(out, page);
    }),
  );

  worktrees
    .command('preview <session>')
    .description('show what a merge would do, and write nothing; takes a session, or a work tree’s id')
    .option('--diff', 'show the diffs, too')
    .action(
      action<[string], { diff?: true }>(registry, async ({ client, out }, [reference], { diff }) => {
        const preview = await client.worktrees.preview((await resolveWorkTree(client, reference)).id);
        out.document(preview);
        out.table(preview.files, FILE_COLUMNS, 'The session has changed nothing.');
        if (diff) for (const file of preview.files) if (file.diff !== null) out.raw(file.diff);
        tellOutlook(out, preview);
      }),
    );

  worktrees
    .command('merge <session>')
    .description('merge the work into the branch that is checked out in the workspace, and remove the work tree')
    .action(
      action<[string], object>(registry, async ({ client, out }, [reference]) => {
        const { id } = await resolveWorkTree(client, reference);
        const tree = await client.worktrees.merge(id);
        out.document(tree);
        out.line(`Merged ${tree.branch} as ${tree.mergedCommit?.slice(0, 12)}; the work tree is removed.`);
      }),
    );

  worktrees
    .command('discard <session>')
    .description('remove the work tree and its branch with all that is in them')
    .option('-y, --yes', 'do not ask')
    .action(
      action<[string], { yes?: true }>(registry, async ({ client, out, io }, [reference], { yes }) => {
        const { id, version, branch, path } = await resolveWorkTree(client, reference);
        if (!(await confirmed(io, `Remove ${path} and branch ${branch} with all that is in them?`, yes))) {
          return registry.exitWith(EXIT.interrupted);
        }
        // Who was not asked has not looked at it, either: an end that is just being settled must not be in their way.
        out.document(await client.worktrees.discard(id, yes ? {} : { version }));
        out.line(`Discarded ${branch}.`);
      }),
    );
}

/** The work tree of a session, or the one of that id. */
async function resolveWorkTree(client: Client, reference: string): Promise<WorkTree> {
  const sessionId = await resolveSession(client, reference);
  const { items } = await client.worktrees.list({ sessionId, pageSize: 1 });
  if (items[0]) return items[0];
  if (reference === 'last') throw new UsageError('The last session has no work tree: it works in its workspace.');
  return client.worktrees.get(reference);
}

function tellOutlook(out: Context['out'], preview: WorkTreePreview): void {
  const { workTree, into, commits, uncommitted, conflicts, inTheWay, refusal } = preview;
  const rest = uncommitted ? ', and what is not committed' : '';
  out.note(`${workTree.branch} into ${into.branch ?? into.commit}: ${commits} commits${rest}`);
  for (const path of conflicts) out.note(`${out.style('red', 'Conflict')}: ${path}`);
  for (const path of inTheWay) out.note(`${out.style('red', 'In the way')}: your changes of ${path}`);
  if (refusal !== null) out.note(`${out.style('red', 'Not now')}: ${refusal}`);
}
