import type { Client, GraphImpact } from '@signalbox/client';
import type { Command } from 'commander';
import { action, type Registry } from '../action.ts';
import { positiveInteger } from '../arguments.ts';
import type { Column } from '../output/table.ts';
import { UsageError } from '../usage-error.ts';

type Affected = GraphImpact['directImpact'][number]['entities'][number];
interface Line extends Affected {
  what: string;
}

const LINES: Column<Line>[] = [
  { header: 'WHAT', value: ({ what }) => what },
  { header: 'NAME', value: ({ name }) => name ?? '-' },
  { header: 'PATH', value: ({ path }) => path ?? '-' },
  { header: 'ENTITY', value: ({ id }) => id, flexible: true },
];

const CHANGES = ['modify', 'delete', 'rename'] as const;

interface ImpactOptions {
  change: string;
  to?: string;
  depth?: number;
}

/** @param entityId the id of what goes by a name */
export function registerGraphImpact(
  graph: Command,
  registry: Registry,
  entityId: (client: Client, named: string) => Promise<string>,
): void {
  graph
    .command('impact <entities...>')
    .description(
      'show what a change of entities can break: what depends on them, and the tests, documents and specs of that',
    )
    .option('--change <kind>', `what becomes of them: ${CHANGES.join(', ')}`, 'modify')
    .option('--to <name>', 'their new name, for a rename')
    .option('--depth <hops>', 'hops, 1 to 10', positiveInteger)
    .action(
      action<[string[]], ImpactOptions>(registry, async ({ client, out }, [named], { change, to, depth }) => {
        const changeType = CHANGES.find((one) => one === change);
        if (!changeType) throw new UsageError(`--change is one of ${CHANGES.join(', ')}, not ${change}.`);
        const changes = [];
        for (const one of named) {
          const newName = to === undefined ? {} : { newName: to };
          changes.push({ entityId: await entityId(client, one), changeType, ...newName });
        }
        const maxDepth = depth === undefined ? {} : { maxDepth: depth };
        const impact = await client.graph.impact({ changes, includeIndirect: true, ...maxDepth });
        out.document(impact);
        const { totalAffectedEntities, riskLevel } = impact;
        out.line(`Affects ${totalAffectedEntities} entities. Risk: ${out.style('bold', riskLevel)}.`);
        out.table(linesOf(impact), LINES, 'Nothing depends on it.');
        const { deploymentGate, recommendations } = impact;
        if (deploymentGate.blocked) out.line(out.style('bold', 'Not to be deployed as it is:'));
        for (const reason of deploymentGate.reasons) out.line(reason);
        for (const { priority, description } of recommendations) out.line(`${priority}: ${description}`);
        if (impact.truncated) out.note('There may be more. Ask for fewer hops.');
      }),
    );
}

function linesOf({ directImpact, cascadingImpact, testImpact, documentationImpact, specImpact }: GraphImpact): Line[] {
  const lines = (what: string, entities: readonly Affected[]) => entities.map((entity) => ({ ...entity, what }));
  return [
    ...directImpact.flatMap(({ entities, severity }) => lines(`1 hop (${severity})`, entities)),
    ...cascadingImpact.flatMap(({ level, entities }) => lines(`${level} hops`, entities)),
    ...lines('test', testImpact.affectedTests),
    ...lines('document', documentationImpact.staleDocs),
    ...lines('spec', specImpact.relatedSpecs),
  ];
}
