import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ApiError, type Client, ServerUnreachableError } from '@signalbox/client';
import type { Command } from 'commander';
import { action, type Registry } from '../action.ts';
import { positiveInteger } from '../arguments.ts';
import { confirmed } from '../confirm.ts';
import { CONNECTABLE_AGENTS, type ConnectableAgent } from '../connect/connectable-agent.ts';
import { connectPlans, disconnectPlans } from '../connect/connection-plans.ts';
import { type ChangedFile, ConnectionRecord, digestOf } from '../connect/connection-record.ts';
import { carryOut, diffOf, type FilePlan, isChange } from '../connect/file-plan.ts';
import { GATED_SECONDS } from '../connect/launch.ts';
import { launchWords } from '../connect/launch-words.ts';
import type { Context } from '../context.ts';
import { readMemory, writeMemory } from '../hook/hook-memory.ts';
import { hookPlace } from '../hook/hook-place.ts';
import { ensureWorkspace } from '../run/ensure-workspace.ts';

interface ChangeOptions {
  yes?: boolean;
  dryRun?: boolean;
}

interface ConnectOptions extends ChangeOptions {
  local?: boolean;
  timeout: number;
}

export function registerConnect(program: Command, registry: Registry): void {
  const connect = program
    .command('connect')
    .description('let agents that people start themselves tell of their sessions, and ask before they act');
  const disconnect = program.command('disconnect').description('take back what connecting has written');
  for (const agent of CONNECTABLE_AGENTS) {
    registerAgent(connect, registry, agent);
    registerDisconnect(disconnect, registry, agent);
  }
}

function registerAgent(connect: Command, registry: Registry, agent: ConnectableAgent): void {
  const command = connect.command(`${agent.name} [directory]`).description(`write ${agent.writes}`);
  if (agent.hasLocal) command.option('--local', 'into .claude/settings.local.json, which is not shared with others');
  command
    .option('--timeout <seconds>', 'how long a call may wait for people', positiveInteger, GATED_SECONDS)
    .option('--dry-run', 'show what would change, and change nothing')
    .option('--yes', 'without asking')
    .action(
      action<[string | undefined], ConnectOptions>(registry, async (context, [given], options) => {
        const directory = await realpath(resolve(context.io.cwd(), given ?? '.'));
        const { url, project } = context.target;
        const target = [...(url === null ? [] : ['--url', url]), ...(project === null ? [] : ['--project', project])];
        const launch = { words: launchWords(context.io.env), options: target, gatedSeconds: options.timeout };
        const plans = await connectPlans(await agent.files(directory, options.local === true), launch);
        if (!(await agreed(context, plans, options, `Connect ${agent.title} here?`))) return;
        const record = new ConnectionRecord(context.io.env, agent.name, directory);
        const earlier = await record.read();
        const changed: ChangedFile[] = [];
        for (const plan of plans.filter(isChange)) changed.push(await change(plan, earlier));
        await record.write([...earlier.filter(({ path }) => !changed.some((one) => one.path === path)), ...changed]);
        context.out.line(`Connected. Start ${agent.title} in ${directory}; its sessions appear here.`);
        await announce(context, directory);
      }),
    );
}

function registerDisconnect(disconnect: Command, registry: Registry, agent: ConnectableAgent): void {
  disconnect
    .command(`${agent.name} [directory]`)
    .description('take out of a project what connecting has written')
    .option('--dry-run', 'show what would change, and change nothing')
    .option('--yes', 'without asking')
    .action(
      action<[string | undefined], ChangeOptions>(registry, async (context, [given], options) => {
        const directory = await realpath(resolve(context.io.cwd(), given ?? '.'));
        const record = new ConnectionRecord(context.io.env, agent.name, directory);
        const plans = await disconnectPlans(await agent.allFiles(directory), await record.read());
        if (!(await agreed(context, plans, options, `Disconnect ${agent.title} here?`))) return;
        for (const plan of plans.filter(isChange)) await carryOut(plan);
        await record.write([]);
        context.out.line('Disconnected.');
      }),
    );
}

/** Shows what would change, and asks. */
async function agreed(
  { io, out }: Context,
  plans: readonly FilePlan[],
  { yes, dryRun }: ChangeOptions,
  question: string,
): Promise<boolean> {
  const changes = plans.filter(isChange);
  out.document(changes.map(({ path, after }) => ({ path, content: after?.toString('utf8') ?? null })));
  for (const plan of changes) out.raw(diffOf(plan));
  if (changes.length === 0) {
    out.note('Nothing has to be changed.');
    return false;
  }
  return dryRun !== true && (await confirmed(io, question, yes));
}

/** What was there before anything of ours was written stays what is put back. */
async function change(plan: FilePlan, earlier: readonly ChangedFile[]): Promise<ChangedFile> {
  const madeDirectory = await carryOut(plan);
  const known = earlier.find(({ path, after }) => path === plan.path && plan.before && digestOf(plan.before) === after);
  const after = digestOf(plan.after ?? Buffer.alloc(0));
  if (known) return { ...known, after };
  return { path: plan.path, before: plan.before?.toString('base64') ?? null, after, madeDirectory };
}

/** Makes the directory known, and notes what the policies want while nobody can be asked; later where there is no server yet. */
async function announce({ io, out, client, target }: Context, directory: string): Promise<void> {
  try {
    await ensureWorkspace(client, directory, '.');
    const place = hookPlace(io.env, client.baseUrl, target.project ?? io.env.SIGNALBOX_PROJECT);
    writeMemory(place, { ...readMemory(place), unreachable: await whenUnreachable(client) }, 'connect');
  } catch (error) {
    if (ApiError.is(error, 'FORBIDDEN')) {
      out.note(
        `Your key may not add ${directory} as a workspace: until an operator has, file changes are not recorded.`,
      );
      return;
    }
    if (!ServerUnreachableError.is(error)) throw error;
    out.note(`There is no server at ${client.baseUrl} yet; until there is one, nothing is held.`);
  }
}

async function whenUnreachable(client: Client): Promise<'allow' | 'deny'> {
  for (let page = 1; ; page += 1) {
    const { items, total, pageSize } = await client.policies.list({ page, pageSize: 100 });
    if (items.some(({ enabled, sessionId, document }) => enabled && !sessionId && document.unreachable === 'deny'))
      return 'deny';
    if (page * pageSize >= total) return 'allow';
  }
}
