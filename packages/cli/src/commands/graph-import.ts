import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { ImportGraphReport } from '@signalbox/client';
import type { Command } from 'commander';
import { action, type Registry } from '../action.ts';
import { ensureWorkspace } from '../run/ensure-workspace.ts';

const packed = promisify(gzip);
const unpacked = promisify(gunzip);

interface ImportOptions {
  format?: string;
  suite?: string;
  environment?: string;
  run?: string;
  root?: string;
  workspace: string;
}

/** Taking reports of tools, and giving the graph to others. */
export function registerGraphImport(graph: Command, registry: Registry): void {
  graph
    .command('import <file>')
    .description(
      'take a report of tests (JUnit, JSON), coverage (LCOV, V8), findings (SARIF), advisories (npm audit, OSV) or code (SCIP)',
    )
    .option('--format <format>', 'which format it is; without, that is seen from its contents')
    .option(
      '--suite <name>',
      'which of your reports it is the next one of, such as unit; a test file where it alone ran',
    )
    .option('--environment <name>', 'where it was run; times are compared within one')
    .option('--run <id>', 'names the run that made it; without, its contents do')
    .option('--root <directory>', 'where the repository was on the machine that made it; without, the workspace')
    .option('--workspace <path>', 'directory of the repository', '.')
    .action(
      action<[string], ImportOptions>(registry, async ({ client, out, io }, [file], options) => {
        const { format, suite, environment, run, root, workspace } = options;
        const bytes = await readFile(resolve(io.cwd(), file));
        const result = await client.graph.importReport({
          base64: (await packed(bytes)).toString('base64'),
          workspaceId: await ensureWorkspace(client, io.cwd(), workspace),
          ...(format === undefined ? {} : { format: format as NonNullable<ImportGraphReport['format']> }),
          ...(suite === undefined ? {} : { suite }),
          ...(environment === undefined ? {} : { environment }),
          ...(run === undefined ? {} : { runId: run }),
          ...(root === undefined ? {} : { root }),
        });
        out.document(result);
        const { entities, relationships, problems, leftOut } = result;
        out.line(`Took a report of the format ${result.format} for the suite ${result.suite}.`);
        out.line(`Entities: ${entities.added} added, ${entities.changed} changed, ${entities.removed} removed.`);
        out.line(
          `Relationships: ${relationships.added} added, ${relationships.changed} changed, ${relationships.removed} removed.`,
        );
        for (const [why, count] of Object.entries(leftOut)) out.note(`Left out: ${count} ${why}.`);
        for (const { edge, field, reason } of problems) out.note(`${edge}: ${field} ${reason}; it was left out.`);
      }),
    );

  graph
    .command('export <file>')
    .description('write what the code defines and uses as an index of SCIP')
    .option('--workspace <path>', 'only what was read of this directory; without, all of the project')
    .action(
      action<[string], { workspace?: string }>(registry, async ({ client, out, io }, [file], { workspace }) => {
        const workspaceId = workspace === undefined ? null : await ensureWorkspace(client, io.cwd(), workspace);
        const result = await client.graph.export(workspaceId === null ? {} : { workspaceId });
        const { base64, ...told } = result;
        await writeFile(resolve(io.cwd(), file), await unpacked(Buffer.from(base64, 'base64')));
        out.document(told);
        const { documents, symbols, occurrences, leftOut } = told;
        out.line(`Wrote ${file}: ${documents} files, ${symbols} symbols, ${occurrences} occurrences.`);
        for (const [why, count] of Object.entries(leftOut)) out.note(`Left out: ${count} ${why}.`);
      }),
    );
}
