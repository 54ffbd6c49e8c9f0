import { type BridgeHealth, type Client, type Leftovers, ServerUnreachableError } from '@signalbox/client';
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
        const [diagnosis, server, bridge, leftovers] = await Promise.all([
          local.diagnose(localSources(io, options)),
          lookAtServer(client),
          lookAtBridge(client),
          lookForLeftovers(client),
        ]);
        const findings = [...diagnosis.findings, ...server, ...bridge, ...leftovers];
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

const GRAPH_WORDS: Readonly<Record<BridgeHealth['knowledgeGraph'], string>> = {
  ok: 'the code graph answers',
  failed: 'the code graph does not answer',
  not_configured: 'there is no code graph',
};

/** Whether sessions and the code graph answer; nothing where no server says so. */
async function lookAtBridge(client: Client): Promise<Finding[]> {
  try {
    const { healthy, sessionManager, knowledgeGraph } = await client.bridge.health();
    const sessions = sessionManager ? 'sessions answer' : 'sessions do not answer';
    return [
      {
        name: 'session bridge',
        state: healthy ? 'good' : 'bad',
        detail: `${sessions}, ${GRAPH_WORDS[knowledgeGraph]}`,
        advice: healthy ? null : "The server's log says why. What agents are told lacks what is not known meanwhile.",
      },
    ];
  } catch (error) {
    return notTold('session bridge', error);
  }
}

/** Nothing where there is no server: that it cannot be reached is said already. */
function notTold(name: string, error: unknown): Finding[] {
  if (ServerUnreachableError.is(error)) return [];
  const detail = error instanceof Error ? error.message : String(error);
  return [{ name, state: 'warning', detail, advice: null }];
}

/** What is left of sessions and workspaces that are over or gone; nothing where no server says so. */
async function lookForLeftovers(client: Client): Promise<Finding[]> {
  let left: Leftovers;
  try {
    left = await client.worktrees.leftovers();
  } catch (error) {
    return notTold('leftovers', error);
  }
  const warning = (name: string, detail: string, advice: string): Finding => ({
    name,
    state: 'warning',
    detail,
    advice,
  });
  const findings = [
    ...left.workTrees.map(({ id, path, branch, status, sessionStatus, sessionTitle }) => {
      const session = sessionTitle === null ? 'its session is gone' : `of "${sessionTitle}", which is ${sessionStatus}`;
      const merge = sessionTitle === null ? '' : `signalbox worktrees merge ${id}, or `;
      return warning(
        'work tree',
        `${path} (${branch}) is ${status}, ${session}`,
        `${merge}signalbox worktrees discard ${id} --yes`,
      );
    }),
    ...left.strayWorkTrees.map((path) => warning('work tree', `${path} belongs to no session`, removal(path))),
    ...left.strayCaptureStores.map((path) => warning('captures', `${path} belongs to no workspace`, removal(path))),
  ];
  if (findings.length > 0) return findings;
  return [{ name: 'leftovers', state: 'good', detail: 'no work trees or captures without an owner', advice: null }];
}

/** A command that a shell takes whatever the path holds. */
function removal(path: string): string {
  return `rm -r '${path.replaceAll("'", "'\\''")}'`;
}

function show(value: unknown): string {
  return typeof value === 'string' ? value : value === null ? '-' : JSON.stringify(value);
}
