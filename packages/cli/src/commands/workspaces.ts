import { resolve } from 'node:path';
import type { Workspace } from '@signalbox/client';
import type { Command } from 'commander';
import { action, type Registry } from '../action.ts';
import type { Column } from '../output/table.ts';
import { formatTime } from '../output/time.ts';
import { type ListOptions, listOptions, listQuery, noteFurtherPages } from './list-options.ts';

const COLUMNS: Column<Workspace>[] = [
  { header: 'ID', value: (workspace) => workspace.id },
  { header: 'NAME', value: (workspace) => workspace.name, flexible: true },
  { header: 'PATH', value: (workspace) => workspace.path },
  { header: 'CREATED', value: (workspace) => formatTime(workspace.createdAt) },
];

export function registerWorkspaces(program: Command, registry: Registry): void {
  const workspaces = program.command('workspaces').description('list and add directories that agents work in');

  listOptions(workspaces.command('list').description('list the workspaces')).action(
    action<[], ListOptions>(registry, async ({ client, out }, _args, options) => {
      const page = await client.workspaces.list(listQuery(options));
      out.document(page);
      out.table(page.items, COLUMNS, 'There are no workspaces. Add one with `signalbox workspaces add <path>`.');
      noteFurtherPages(out, page);
    }),
  );

  workspaces
    .command('add [path]')
    .description('make a directory known as a workspace; the current one without a path')
    .option('--name <name>', 'name for people; the directory’s own without')
    .action(
      action<[path?: string], { name?: string }>(registry, async ({ client, out, io }, [path], { name }) => {
        const workspace = await client.workspaces.create({
          path: resolve(io.cwd(), path ?? '.'),
          ...(name === undefined ? {} : { name }),
        });
        out.document(workspace);
        out.line(`Added workspace ${out.style('bold', workspace.name)} at ${workspace.path} (${workspace.id}).`);
      }),
    );
}
