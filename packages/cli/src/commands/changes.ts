import { dirname, relative, resolve } from 'node:path';
import type { BlamedLine, Client, WorkspaceChange } from '@signalbox/client';
import type { Command } from 'commander';
import { action, type Registry } from '../action.ts';
import { oneLine } from '../output/display-width.ts';
import type { Column } from '../output/table.ts';
import { formatTime } from '../output/time.ts';
import { resolveSession } from '../session-reference.ts';
import { UsageError } from '../usage-error.ts';
import { type ListOptions, listOptions, listQuery, noteFurtherPages } from './list-options.ts';

const COLUMNS: Column<WorkspaceChange>[] = [
  { header: 'AT', value: (change) => String(change.position) },
  { header: 'CHANGE', value: (change) => change.operation },
  { header: 'PATH', value: (change) => oneLine(nameOf(change)), flexible: true },
  { header: '+', value: (change) => (change.binary ? '' : String(change.additions)) },
  { header: '-', value: (change) => (change.binary ? '' : String(change.deletions)) },
  { header: 'BY', value: (change) => change.attribution },
  { header: 'TOOL', value: (change) => change.tool ?? '' },
  { header: 'WHEN', value: (change) => formatTime(change.occurredAt) },
];

/** Pages of workspaces that are looked through for a directory, at most. */
const WORKSPACE_PAGES = 50;
const LINE_NUMBER_WIDTH = 4;
const AUTHOR_WIDTH = 24;

export function registerChanges(program: Command, registry: Registry): void {
  listOptions(program.command('changes <session>').description('list what a session changed, in order')).action(
    action<[string], ListOptions>(registry, async ({ client, out }, [reference], options) => {
      const id = await resolveSession(client, reference);
      const page = await client.changes.ofSession(id, listQuery(options));
      out.document(page);
      out.table(page.items, COLUMNS, 'The session has changed nothing.');
      noteFurtherPages(out, page);
    }),
  );

  program
    .command('diff <session>')
    .description('print what a session changed as a patch, without what others did to the same files')
    .option('--path <path>', 'only this file, relative to the workspace')
    .option('--each', 'change by change, not what all of them come to')
    .action(
      action<[string], { path?: string; each?: true }>(registry, async ({ client, out }, [reference], options) => {
        const diff = await client.changes.diff(await resolveSession(client, reference), options);
        out.document(diff);
        for (const file of diff.files) {
          if (file.diff !== null) out.raw(file.diff);
          else
            out.note(
              `${oneLine(file.path)}: ${file.operation}; ${file.pruned ? 'its contents were given up' : 'no text to show'}`,
            );
        }
        if (diff.files.length === 0) out.note('The session has changed nothing.');
      }),
    );

  program
    .command('blame <file>')
    .description('show by whose hand each line of a file in a workspace came')
    .action(
      action<[string], Record<string, never>>(registry, async ({ client, out, io }, [file]) => {
        const { id, path } = await workspaceOf(client, resolve(io.cwd(), file));
        const blame = await client.changes.blame(id, path);
        out.document(blame);
        if (blame.binary) out.note('It is binary, and has no lines.');
        for (const line of blame.lines) out.line(lineText(line));
      }),
    );
}

/** The innermost workspace that holds a file, and the file's name within it. */
async function workspaceOf(client: Client, file: string): Promise<{ id: string; path: string }> {
  const byPath = new Map<string, string>();
  for (let page = 1; page <= WORKSPACE_PAGES; page += 1) {
    const { items } = await client.workspaces.list({ page, pageSize: 100 });
    for (const { id, path } of items) byPath.set(path, id);
    if (items.length < 100) break;
  }
  const tree = await treeAround(client, file);
  if (tree) byPath.set(tree.path, tree.id);
  for (let directory = dirname(file); ; directory = dirname(directory)) {
    const id = byPath.get(directory);
    if (id !== undefined) return { id, path: relative(directory, file) };
    if (dirname(directory) === directory)
      throw new UsageError(`${file} lies in no workspace. \`signalbox workspaces list\` shows those there are.`);
  }
}

/** The workspace of the session's work tree in which a file lies. */
async function treeAround(client: Client, file: string): Promise<{ id: string; path: string } | null> {
  const { items } = await client.worktrees.list({ 'status.in': 'ready,kept', pageSize: 100 });
  const tree = items.find(({ path }) => file.startsWith(`${path}/`));
  return tree ? client.workspaces.get(tree.treeWorkspaceId) : null;
}

function nameOf({ path, oldPath }: WorkspaceChange): string {
  return oldPath === null ? path : `${oldPath} -> ${path}`;
}

function lineText({ line, text, attribution, sessionId, tool, at }: BlamedLine): string {
  const session = sessionId === null ? attribution : `${sessionId.slice(-8)} ${tool ?? attribution}`;
  const who = attribution === null ? 'before Signalbox' : `${session}`;
  const when = at === null ? ''.padEnd(formatTime('2026-01-01T00:00:00.000Z').length) : formatTime(at);
  return `${who.slice(0, AUTHOR_WIDTH).padEnd(AUTHOR_WIDTH)} ${when} ${String(line).padStart(LINE_NUMBER_WIDTH)}  ${text}`;
}
