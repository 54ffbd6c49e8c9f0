import type { Client } from '@signalbox/client';
import type { Command } from 'commander';
import { action, type Registry } from '../action.ts';
import { EXIT } from '../exit-codes.ts';
import { type LocalOptions, localOptions, localSources } from '../local-sources.ts';
import type { Colour } from '../output/style.ts';
import type { Column } from '../output/table.ts';

interface Finding {
  name: string;
  state: 'good' | 'warning' | 'bad';
  detail: string;
  advice: string | null;
}

interface Setting {
  name: string;
  origin: string;
  value: unknown;
}

const MARKS: Readonly<Record<Finding['state'], { mark: string; colour: Colour }>> = {
  good: { mark: '✓', colour: 'green' },
  warning: { mark: '!', colour: 'yellow' },
  bad: { mark: '✗', colour: 'red' },
};

const SETTING_COLUMNS: Column<Setting>[] = [
  { header: 'SETTING', value: (setting) => setting.name },
  { header: 'VALUE', value: (setting) => show(setting.value), flexible: true },
  { header: 'FROM', value: (setting) => setting.origin },
];

export function registerDoctor(program: Command, registry: Registry): void {
  localOptions(
    program.command('doctor').description('look at everything Signalbox depends on here, and say what is amiss'),
  )
    .option('--all', 'also list settings that have their defaults')
    .action(
      action<[], LocalOptions & { all?: boolean }>(registry, async ({ client, out, io }, _args, options) => {
        const local = await import('@signalbox/server/local');
        const [diagnosis, server] = await Promise.all([
          local.diagnose(localSources(io, options)),
          lookAtServer(client),
        ]);
        const findings = [...diagnosis.findings, ...server];
        out.document({ version: diagnosis.version, findings, configuration: diagnosis.configuration });

        out.line(`Signalbox ${diagnosis.version}`);
        for (const { name, state, detail, advice } of findings) {
          const { mark, colour } = MARKS[state];
          out.line(`${out.style(colour, mark)} ${out.style('bold', name)}: ${detail}`);
          if (advice !== null) out.line(`  ${out.style('dim', advice)}`);
        }
        out.line();
        const settings = diagnosis.configuration.filter((setting) => options.all || setting.origin !== 'default');
        out.table(settings, SETTING_COLUMNS, 'All settings have their defaults (--all lists them).');
        if (findings.some((finding) => finding.state === 'bad')) registry.exitWith(EXIT.failure);
      }),
    );
}

/** What the server says of itself; that none runs is worth saying, not an ailment. */
async function lookAtServer(client: Client): Promise<Finding[]> {
  try {
    const { version, database, auth, notices } = await client.server.system();
    const latency = database.latencyMs === null ? '' : `, answers in ${Math.round(database.latencyMs)} ms`;
    return [
      {
        name: 'server',
        state: database.available ? 'good' : 'bad',
        detail: `${client.baseUrl} runs ${version} on ${database.kind} ${database.version ?? ''}${latency}; ${auth}`,
        advice: database.available ? null : 'Its database cannot be reached; it recovers by itself when that is back.',
      },
      ...notices.map((notice): Finding => ({ name: 'server', state: 'warning', detail: notice, advice: null })),
    ];
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return [{ name: 'server', state: 'warning', detail, advice: 'Start one with `signalbox up`.' }];
  }
}

function show(value: unknown): string {
  return typeof value === 'string' ? value : value === null ? '-' : JSON.stringify(value);
}
