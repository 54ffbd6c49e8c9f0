import type { Agent, AgentSettings, UpdateAgentSettings } from '@signalbox/client';
import { type Command, InvalidArgumentError } from 'commander';
import { action, type Registry } from '../action.ts';
import { duration } from '../arguments.ts';
import type { Column } from '../output/table.ts';
import { formatDuration, formatTime } from '../output/time.ts';
import { UsageError } from '../usage-error.ts';
import { type ListOptions, listOptions, listQuery, noteFurtherPages } from './list-options.ts';

/** The verbs that take an agent and nothing else. */
const VERBS = {
  drain: { about: 'let an agent finish what it has and take nothing new', method: 'drain' },
  maintenance: { about: 'put an agent into maintenance', method: 'maintain' },
  resume: { about: 'put an agent on duty again', method: 'resume' },
} as const;

const COLOURS: Readonly<Record<Agent['status'], 'green' | 'yellow' | 'red'>> = {
  active: 'green',
  idle: 'green',
  busy: 'green',
  draining: 'yellow',
  suspected: 'yellow',
  maintenance: 'yellow',
  dead: 'red',
};

const COLUMNS: Column<Agent>[] = [
  { header: 'AGENT', value: (agent) => agent.id, flexible: true },
  { header: 'TYPE', value: (agent) => agent.type },
  { header: 'STATUS', value: (agent) => agent.status, colour: (agent) => COLOURS[agent.status] },
  { header: 'LOAD', value: (agent) => `${agent.load}/${agent.maxLoad}`, align: 'right' },
  { header: 'DONE', value: (agent) => String(agent.totalTasksCompleted), align: 'right' },
  { header: 'ERRORS', value: (agent) => percent(agent.errorRate), align: 'right' },
  { header: 'HEARD', value: (agent) => timeOf(agent.lastHeartbeat) },
];

interface SettingOptions {
  assign?: string[];
  strategy?: string;
  weight?: Record<string, number>;
  interval?: number;
  timeout?: number;
}

export function registerAgents(program: Command, registry: Registry): void {
  const agents = program.command('agents').description('see the agents, put them on and off duty, hand sessions over');

  listOptions(agents.command('list').description('list the agents with their load')).action(
    action<[], ListOptions>(registry, async ({ client, out }, _args, options) => {
      const page = await client.agents.list(listQuery(options));
      out.document(page);
      out.table(page.items, COLUMNS, 'No agents are registered.');
      noteFurtherPages(out, page);
    }),
  );

  agents
    .command('show <agent>')
    .description('show one agent')
    .action(
      action<[string], object>(registry, async ({ client, out }, [id]) => {
        const agent = await client.agents.get(id);
        out.document(agent);
        out.fields(describe(agent));
      }),
    );

  for (const [verb, { about, method }] of Object.entries(VERBS) as [
    keyof typeof VERBS,
    (typeof VERBS)[keyof typeof VERBS],
  ][]) {
    agents
      .command(`${verb} <agent>`)
      .description(about)
      .action(
        action<[string], object>(registry, async ({ client, out }, [id]) => {
          const agent = await client.agents[method](id);
          out.document(agent);
          out.line(`${out.style('bold', agent.id)} is ${agent.status}; it carries ${agent.load} of ${agent.maxLoad}.`);
        }),
      );
  }

  agents
    .command('unregister <agent>')
    .description('forget an agent; its tasks go back to their queues')
    .action(
      action<[string], object>(registry, async ({ client, out }, [id]) => {
        await client.agents.unregister(id);
        out.document({ id, unregistered: true });
        out.line(`Unregistered ${out.style('bold', id)}.`);
      }),
    );

  agents
    .command('handoff <session> <from> <to>')
    .description('hand a session over from one agent to another, with its tasks, locks and journal')
    .requiredOption('--reason <text>', 'why; it is kept')
    .action(
      action<[string, string, string], { reason: string }>(registry, async ({ client, out }, given, { reason }) => {
        const [sessionId, fromAgent, toAgent] = given;
        const handoff = await client.agents.handOff({ sessionId, fromAgent, toAgent, reason });
        out.document(handoff);
        const { length } = handoff.taskIds;
        out.line(`${out.style('bold', toAgent)} has the session now, with ${length} task${length === 1 ? '' : 's'}.`);
      }),
    );

  agents
    .command('metrics')
    .description('how the agents do together')
    .action(
      action<[], object>(registry, async ({ client, out }) => {
        const metrics = await client.agents.metrics();
        out.document(metrics);
        out.fields([
          ['agents', `${metrics.totalAgents}, ${metrics.activeAgents} on duty, ${metrics.deadAgentCount} dead`],
          ['load', `${metrics.load} of ${metrics.capacity} (${percent(metrics.systemLoad)})`],
          ['queued', String(metrics.queuedTasks)],
          ['at work', String(metrics.runningTasks)],
          ['completed', String(metrics.completedTasks)],
          ['failed', String(metrics.failedTasks)],
          ['task', durationOf(metrics.averageTaskDuration)],
          ['handoffs', String(metrics.handoffCount)],
        ]);
      }),
    );

  agents
    .command('settings')
    .description('show how the project treats its agents, or change what is named')
    .option('--assign <queue...>', 'give tasks of these queues to agents; `none` for no queue')
    .option('--strategy <type>', 'who gets a task that several could do')
    .option('--weight <name=number...>', 'weights of that strategy', weight)
    .option('--interval <duration>', 'how often agents are asked to be heard', duration)
    .option('--timeout <duration>', 'silence after which one is dead', duration)
    .action(
      action<[], SettingOptions>(registry, async ({ client, out }, _args, options) => {
        const before = await client.agents.settings();
        const change = changeOf(options);
        const settings =
          Object.keys(change).length === 0 ? before : await client.agents.configure(before.version, change);
        out.document(settings);
        out.fields(describeSettings(settings));
      }),
    );
}

function changeOf({ assign, strategy, weight: config, interval, timeout }: SettingOptions): UpdateAgentSettings {
  if (config && strategy === undefined) throw new UsageError('Name the --strategy that the --weight is for.');
  return {
    ...(assign === undefined ? {} : { assignQueues: assign.filter((queue) => queue !== 'none') }),
    // The server knows which there are, and says so.
    ...(strategy === undefined
      ? {}
      : { strategy: { type: strategy as AgentSettings['strategy']['type'], config: config ?? {} } }),
    ...(interval === undefined ? {} : { heartbeatInterval: interval }),
    ...(timeout === undefined ? {} : { heartbeatTimeout: timeout }),
  };
}

function weight(text: string, known: Record<string, number> = {}): Record<string, number> {
  const [name = '', value = '', ...rest] = text.split('=');
  if (name === '' || value === '' || rest.length > 0 || !Number.isFinite(Number(value))) {
    throw new InvalidArgumentError('It must have the form name=number.');
  }
  return { ...known, [name]: Number(value) };
}

function describe(agent: Agent): [string, string | null][] {
  const capabilities = agent.capabilities.map(({ name, version }) => (version === null ? name : `${name}@${version}`));
  return [
    ['agent', agent.id],
    ['type', agent.type],
    ['status', agent.status],
    ['load', `${agent.load} of ${agent.maxLoad}, ${agent.held} of it tasks`],
    ['capabilities', capabilities.length === 0 ? null : capabilities.join(', ')],
    ['priority', String(agent.priority)],
    ['sessions', agent.currentSessions.length === 0 ? null : agent.currentSessions.join(', ')],
    ['completed', String(agent.totalTasksCompleted)],
    ['failed', `${agent.totalTasksFailed} (${percent(agent.errorRate)})`],
    ['task', durationOf(agent.averageTaskDuration)],
    ['heard', timeOf(agent.lastHeartbeat)],
    ['registered', formatTime(agent.registeredAt)],
    ['version', String(agent.version)],
  ];
}

function describeSettings(settings: AgentSettings): [string, string | null][] {
  const { strategy, assignQueues } = settings;
  const weights = Object.entries(strategy.config).map(([name, value]) => `${name}=${value}`);
  return [
    ['given', assignQueues.length === 0 ? 'nothing; agents claim for themselves' : assignQueues.join(', ')],
    ['strategy', [strategy.type, ...weights].join(' ')],
    ['heartbeat', `each ${formatDuration(settings.heartbeatInterval)}`],
    [
      'dead after',
      `${formatDuration(settings.heartbeatTimeout)}, and ${settings.maxMissedHeartbeats} heartbeats missed`,
    ],
    ['called again', settings.enableAutoRecovery ? `${formatDuration(settings.recoveryDelay)} later` : 'never'],
    ['version', String(settings.version)],
  ];
}

function durationOf(ms: number | null): string | null {
  return ms === null ? null : `${formatDuration(ms / 1_000)} on average`;
}

function timeOf(time: string | null): string {
  return time === null ? '-' : formatTime(time);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
