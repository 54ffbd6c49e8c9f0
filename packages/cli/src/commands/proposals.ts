import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { AnalyseProposal, Validation } from '@signalbox/client';
import { type Command, Option } from 'commander';
import { action, type Registry } from '../action.ts';
import { collect, jsonObject } from '../arguments.ts';
import { EXIT } from '../exit-codes.ts';
import type { Column } from '../output/table.ts';
import { ensureWorkspace } from '../run/ensure-workspace.ts';

const CHECKS = ['typescript', 'eslint', 'security', 'tests', 'coverage', 'architecture'] as const;
type Check = (typeof CHECKS)[number];
interface Line {
  check: Check;
  status: 'passed' | 'failed' | 'not_run';
  reason: string | null;
}

const LINES: Column<Line>[] = [
  { header: 'CHECK', value: ({ check }) => check },
  {
    header: 'CAME TO',
    value: ({ status }) => status.replace('_', ' '),
    colour: ({ status }) => (status === 'passed' ? 'green' : status === 'failed' ? 'red' : 'yellow'),
  },
  { header: 'WHY', value: ({ reason }) => reason ?? '-', flexible: true },
];

interface ValidateOptions {
  check?: string[];
  failOnWarnings?: boolean;
  proposal?: string;
  spec?: string;
  workspace: string;
}

export function registerProposals(program: Command, registry: Registry): void {
  const proposals = program
    .command('proposals')
    .description('changes before they are made: what they would break, and whether the code would hold');

  proposals
    .command('analyse <file>')
    .description('show what the changes of a JSON file (`changes`, `description`) would break')
    .option('--workspace <path>', 'directory of the code', '.')
    .action(
      action<[string], { workspace: string }>(registry, async ({ client, out, io }, [file], { workspace }) => {
        const proposal = jsonObject(await readFile(resolve(io.cwd(), file), 'utf8')) as unknown as AnalyseProposal;
        const workspaceId = await ensureWorkspace(client, io.cwd(), workspace);
        const analysed = await client.proposals.analyse({ ...proposal, workspaceId });
        out.document(analysed);
        const { affectedEntities, breakingChanges, impactAnalysis, recommendations } = analysed;
        const { directImpact, indirectImpact } = impactAnalysis;
        out.line(
          `Changes ${affectedEntities.length} entities; ${directImpact.length + indirectImpact.length} depend on them.`,
        );
        for (const { severity, description } of breakingChanges) out.line(`${severity}: ${description}`);
        for (const { type, message } of recommendations) out.note(`${type}: ${message}`);
      }),
    );

  proposals
    .command('validate [files...]')
    .description('show whether files hold, or what is proposed for them; a check that could not run has not passed')
    .addOption(new Option('--check <name>', `${CHECKS.join(', ')}; may be repeated`).argParser(collect))
    .option('--fail-on-warnings', 'warnings count as errors')
    .option('--proposal <file>', 'JSON with the `changes` that are proposed')
    .option('--spec <id>', 'the code of a specification')
    .option('--workspace <path>', 'directory of the code', '.')
    .action(
      action<[string[]], ValidateOptions>(registry, async ({ client, out, io }, [files], options) => {
        const { check, failOnWarnings = false, proposal, spec, workspace } = options;
        const proposed =
          proposal === undefined
            ? {}
            : {
                changes: jsonObject(await readFile(resolve(io.cwd(), proposal), 'utf8'))
                  .changes as AnalyseProposal['changes'],
              };
        const validation = await client.proposals.validate({
          workspaceId: await ensureWorkspace(client, io.cwd(), workspace),
          ...(files.length === 0 ? {} : { files }),
          ...proposed,
          ...(spec === undefined ? {} : { specId: spec }),
          ...(check === undefined ? {} : { includeTypes: check as Check[] }),
          failOnWarnings,
        });
        out.document(validation);
        out.table(linesOf(validation), LINES, '');
        for (const { file, line, rule, message } of issuesOf(validation)) {
          out.line(`${file ?? '-'}${line === null ? '' : `:${line}`} ${rule}: ${message}`);
        }
        out.line(out.style('bold', validation.overall.passed ? 'It holds.' : 'It does not hold, or nobody knows.'));
        if (!validation.overall.passed) registry.exitWith(EXIT.failure);
      }),
    );
}

function linesOf(validation: Validation): Line[] {
  return CHECKS.flatMap((check) => {
    const outcome = validation[check];
    return outcome ? [{ check, status: outcome.status, reason: outcome.reason }] : [];
  });
}

function issuesOf({ typescript, eslint, coverage, architecture }: Validation) {
  return [typescript, eslint, coverage, architecture].flatMap((check) => check?.issues ?? []);
}
