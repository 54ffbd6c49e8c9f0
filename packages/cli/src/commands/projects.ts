import type { Project } from '@signalbox/client';
import type { Command } from 'commander';
import { action, type Registry } from '../action.ts';
import type { Column } from '../output/table.ts';
import { formatTime } from '../output/time.ts';
import { type ListOptions, listOptions, listQuery, noteFurtherPages } from './list-options.ts';

const COLUMNS: Column<Project>[] = [
  { header: 'SLUG', value: (project) => project.slug },
  { header: 'NAME', value: (project) => project.name, flexible: true },
  { header: 'CREATED', value: (project) => formatTime(project.createdAt) },
  { header: 'ID', value: (project) => project.id },
];

export function registerProjects(program: Command, registry: Registry): void {
  const projects = program.command('projects').description('list and create projects');

  listOptions(projects.command('list').description('list the projects')).action(
    action<[], ListOptions>(registry, async ({ client, out }, _args, options) => {
      const page = await client.projects.list(listQuery(options));
      out.document(page);
      out.table(page.items, COLUMNS, 'There are no projects.');
      noteFurtherPages(out, page);
    }),
  );

  projects
    .command('create <slug>')
    .description('create a project')
    .option('--name <name>', 'name for people; the slug without')
    .action(
      action<[slug: string], { name?: string }>(registry, async ({ client, out }, [slug], { name }) => {
        const project = await client.projects.create({ slug, name: name ?? slug });
        out.document(project);
        out.line(`Created project ${out.style('bold', project.slug)} (${project.id}).`);
      }),
    );
}
