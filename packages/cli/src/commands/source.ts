import type {
  CommitOutcome,
  CommitRecord,
  CreateCommit,
  SourceBranches,
  SourceLog,
  SourceStatus,
} from '@signalbox/client';
import type { Command } from 'commander';
import { action, type Registry } from '../action.ts';
import { collect, positiveInteger, repeat } from '../arguments.ts';
import { EXIT } from '../exit-codes.ts';
import type { Output } from '../output/output.ts';
import type { Column } from '../output/table.ts';
import { formatTime } from '../output/time.ts';
import { ensureWorkspace } from '../run/ensure-workspace.ts';
import { type ListOptions, listOptions, listQuery, noteFurtherPages } from './list-options.ts';

interface NamedPath {
  path: string;
  is: string;
}

const PATHS: Column<NamedPath>[] = [
  { header: 'IS', value: ({ is }) => is, colour: ({ is }) => (is === 'staged' ? 'green' : 'red') },
  { header: 'PATH', value: ({ path }) => path, flexible: true },
];
const BRANCHES: Column<SourceBranches['branches'][number]>[] = [
  { header: '', value: ({ isCurrent }) => (isCurrent ? '*' : '') },
  { header: 'BRANCH', value: ({ name }) => name },
  { header: 'FOLLOWS', value: ({ upstream }) => upstream ?? '-' },
  { header: 'COMMIT', value: ({ lastCommit }) => lastCommit.hash.slice(0, 12) },
  { header: 'TITLE', value: ({ lastCommit }) => lastCommit.title, flexible: true },
];
const LOG: Column<SourceLog['entries'][number]>[] = [
  { header: 'COMMIT', value: ({ hash }) => hash.slice(0, 12) },
  { header: 'AUTHOR', value: ({ author }) => author },
  { header: 'WHEN', value: ({ date }) => formatTime(new Date(date).toISOString()) },
  { header: 'TITLE', value: ({ message }) => message.split('\n')[0] ?? '', flexible: true },
];
const COMMITS: Column<CommitRecord>[] = [
  { header: 'ID', value: ({ id }) => id },
  { header: 'STATUS', value: ({ status }) => status },
  { header: 'COMMIT', value: ({ commitHash }) => commitHash.slice(0, 12) },
  { header: 'BRANCH', value: ({ branch }) => branch },
  { header: 'TITLE', value: ({ title }) => title, flexible: true },
];

interface Place {
  workspace: string;
}

interface CommitOptions extends Place {
  title: string;
  description?: string;
  branch?: string;
  spec?: string;
  test?: string[];
  validation?: string;
  pr?: true;
  label?: string[];
}

export function registerSource(program: Command, registry: Registry): void {
  const source = program
    .command('source')
    .description('version control of a workspace: where it stands, commits, pushes');
  const inWorkspace = (command: Command) =>
    command.option('--workspace <path>', 'directory of the code, or its id', '.');

  inWorkspace(
    source.command('status').description('show the branch, and what is staged, changed and untracked'),
  ).action(
    action<[], Place>(registry, async ({ client, out, io }, _args, { workspace }) => {
      const status = await client.source.status(await ensureWorkspace(client, io.cwd(), workspace));
      out.document(status);
      const { branch, upstream, ahead, behind, operation } = status;
      const far = upstream === null ? '' : `, ${ahead} ahead of ${upstream} and ${behind} behind`;
      out.line(`${branch === null ? 'No branch is checked out' : `On ${branch}`}${far}.`);
      if (operation !== null) out.note(`A ${operation} is under way.`);
      out.table(pathsOf(status), PATHS, 'Nothing has changed.');
    }),
  );

  inWorkspace(source.command('branches').description('list the branches, the latest commit first')).action(
    action<[], Place>(registry, async ({ client, out, io }, _args, { workspace }) => {
      const found = await client.source.branches(await ensureWorkspace(client, io.cwd(), workspace));
      out.document(found);
      out.table(found.branches, BRANCHES, 'There are no branches with commits.');
    }),
  );

  inWorkspace(source.command('log').description('list commits, the newest first'))
    .option('--branch <name>', 'of which branch; by default what is checked out')
    .option('--path <path>', 'only commits that changed something there, relative to the workspace')
    .option('--limit <count>', 'how many, up to 1000', positiveInteger)
    .action(
      action<[], Place & { branch?: string; path?: string; limit?: number }>(
        registry,
        async ({ client, out, io }, _args, { workspace, ...query }) => {
          const log = await client.source.log(await ensureWorkspace(client, io.cwd(), workspace), query);
          out.document(log);
          out.table(log.entries, LOG, 'There are no commits.');
        },
      ),
    );

  inWorkspace(
    source
      .command('commit <paths...>')
      .description(
        'commit files and directories (relative to the workspace) as they are, and nothing else that is staged',
      ),
  )
    .requiredOption('--title <text>', 'first line of the message')
    .option('--description <text>', 'the rest of the message')
    .option('--branch <name>', 'make this branch for it, and check it out')
    .option('--spec <id>', 'the specification that it is for')
    .option('--test <id>', 'a test of the graph that speaks for it; may be repeated', repeat)
    .option('--validation <text>', 'what validating it said')
    .option('--pr', 'push the branch, and open a pull request')
    .option('--label <name>', 'of the pull request; may be repeated', collect)
    .action(
      action<[string[]], CommitOptions>(registry, async ({ client, out, io }, [paths], options) => {
        const { workspace, title, description = '', branch, spec, test, validation, pr = false, label } = options;
        const wanted: CreateCommit = {
          ...{ title, description, changes: paths, createPR: pr },
          ...(branch === undefined ? {} : { branchName: branch }),
          ...(spec === undefined ? {} : { relatedSpecId: spec }),
          ...(test === undefined ? {} : { testResults: test }),
          ...(validation === undefined ? {} : { validationResults: validation }),
          ...(label === undefined ? {} : { labels: label }),
        };
        const workspaceId = await ensureWorkspace(client, io.cwd(), workspace);
        tellOutcome(out, registry, await client.source.commit(workspaceId, wanted));
      }),
    );

  inWorkspace(source.command('push [branch]').description('push a branch; by default the one that is checked out'))
    .option('--remote <name>', 'where to; by default what the branch follows, else origin')
    .option('--force', 'give up commits that the remote has, where they were fetched before')
    .action(
      action<[string | undefined], Place & { remote?: string; force?: true }>(
        registry,
        async ({ client, out, io }, [branch], { workspace, remote, force = false }) => {
          const pushed = await client.source.push(await ensureWorkspace(client, io.cwd(), workspace), {
            ...(branch === undefined ? {} : { branch }),
            ...(remote === undefined ? {} : { remote }),
            force,
          });
          out.document(pushed);
          const place = `${pushed.remote} (${pushed.url})`;
          out.line(
            pushed.pushed ? `Pushed ${pushed.branch} to ${place}.` : `${place} had all of ${pushed.branch} already.`,
          );
        },
      ),
    );

  source
    .command('publish <commit>')
    .description('open the pull request of a commit that has none yet; takes the id of the commit here')
    .action(
      action<[string], object>(registry, async ({ client, out }, [id]) => {
        tellOutcome(out, registry, await client.source.publish(id));
      }),
    );

  listOptions(source.command('commits').description('list commits that were made through Signalbox')).action(
    action<[], ListOptions>(registry, async ({ client, out }, _args, options) => {
      const page = await client.source.commits(listQuery(options));
      out.document(page);
      out.table(page.items, COMMITS, 'There are none.');
      noteFurtherPages(out, page);
    }),
  );
}

function pathsOf({ staged, unstaged, untracked, conflicted }: SourceStatus): NamedPath[] {
  const lists = { conflicted, staged, changed: unstaged, untracked };
  return Object.entries(lists).flatMap(([is, paths]) => paths.map((path) => ({ is, path })));
}

function tellOutcome(out: Output, registry: Registry, outcome: CommitOutcome): void {
  const { commitHash, branch, commit, prUrl, escalationRequired, escalationMessage } = outcome;
  out.document(outcome);
  const files = commit.changes.length === 1 ? '1 file' : `${commit.changes.length} files`;
  out.line(`Committed ${files} to ${branch} as ${out.style('bold', commitHash.slice(0, 12))}.`);
  if (prUrl !== null) out.line(`Pull request: ${prUrl}`);
  if (!escalationRequired) return;
  out.note(escalationMessage ?? '');
  registry.exitWith(EXIT.failure);
}
