import { ApiError, type Client, type Policy, type PolicyDryRun } from '@signalbox/client';
import type { Command } from 'commander';
import { action, type Registry } from '../action.ts';
import { collect, jsonObject, positiveInteger } from '../arguments.ts';
import type { Column } from '../output/table.ts';
import { formatTime } from '../output/time.ts';
import { type ListOptions, listOptions, listQuery, noteFurtherPages } from './list-options.ts';
import { readPolicyFile } from './policy-file.ts';

const COLUMNS: Column<Policy>[] = [
  { header: 'NAME', value: (policy) => policy.name, flexible: true },
  { header: 'POSITION', value: (policy) => String(policy.position), align: 'right' },
  { header: 'RULES', value: (policy) => String(policy.document.rules.length), align: 'right' },
  { header: 'DEFAULT', value: (policy) => policy.document.default },
  { header: 'SESSION', value: (policy) => policy.sessionId ?? 'all' },
  { header: 'VERSION', value: (policy) => String(policy.version), align: 'right' },
  {
    header: 'STATE',
    value: (policy) => (policy.enabled ? 'enabled' : 'disabled'),
    colour: (policy) => (policy.enabled ? 'green' : 'dim'),
  },
];

const AFFECTED: Column<PolicyDryRun['affected'][number]>[] = [
  { header: 'AT', value: (call) => formatTime(call.at) },
  { header: 'SESSION', value: (call) => call.sessionId },
  { header: 'EFFECT', value: (call) => (call.effect === 'allow' ? 'warn' : call.effect) },
  { header: 'RULE', value: (call) => call.rule?.name ?? call.warnings.map(({ name }) => name).join(', ') },
  { header: 'CALL', value: (call) => [call.tool, ...call.commands].join(' | '), flexible: true },
];

interface ExplainOptions {
  tool: string;
  command?: string;
  arguments?: Record<string, unknown>;
  session?: string;
  workspace?: string;
  label?: string[];
  file?: string;
}

export function registerPolicies(program: Command, registry: Registry): void {
  const policies = program
    .command('policies')
    .description('rules that allow, hold or refuse what agents do (<policy> is a name or an id)');

  listOptions(policies.command('list').description('list the policies in the order in which they are asked')).action(
    action<[], ListOptions>(registry, async ({ client, out }, _args, options) => {
      const page = await client.policies.list(listQuery(options));
      out.document(page);
      out.table(page.items, COLUMNS, 'There are no policies: every call is allowed.');
      noteFurtherPages(out, page);
    }),
  );

  policies
    .command('show <policy>')
    .description('show a policy with its rules')
    .action(
      action<[string], object>(registry, async ({ client, out }, [name]) => {
        const policy = await client.policies.get(name);
        out.document(policy);
        out.table([policy], COLUMNS, '');
        for (const { effect, id, name: about, match } of policy.document.rules) {
          out.line(`${out.style('bold', effect)} ${id}: ${about} ${JSON.stringify(match)}`);
        }
        out.line(`else ${out.style('bold', policy.document.default)}`);
      }),
    );

  policies
    .command('apply <file>')
    .description('make the policy of a YAML or JSON file, or change it to what the file says')
    .option('--session <id>', 'for a session and those below it, where the policy is made')
    .option('--position <number>', 'lower ones are asked first', positiveInteger)
    .option('--disabled', 'keep it without asking it')
    .action(
      action<[string], { session?: string; position?: number; disabled?: boolean }>(
        registry,
        async ({ client, out, io }, [file], { session, position, disabled }) => {
          const document = await readPolicyFile(io, file);
          const settings = { document, enabled: disabled !== true, ...(position === undefined ? {} : { position }) };
          const before = await find(client, document.name);
          const policy = before
            ? await client.policies.update(before.id, before.version, settings)
            : await client.policies.create({ ...settings, ...(session === undefined ? {} : { sessionId: session }) });
          out.document(policy);
          out.line(`${before ? 'Updated' : 'Created'} ${out.style('bold', policy.name)}, version ${policy.version}.`);
        },
      ),
    );

  policies
    .command('remove <policy>')
    .description('remove a policy; its versions stay')
    .action(
      action<[string], object>(registry, async ({ client, out }, [name]) => {
        const policy = await client.policies.get(name);
        await client.policies.delete(policy.id, policy.version);
        out.document({ id: policy.id, deleted: true });
        out.line(`Removed ${out.style('bold', policy.name)}.`);
      }),
    );

  policies
    .command('dry-run [file]')
    .description('tell what a file, or the policies that there are, would have decided of recorded tool calls')
    .option('--session <id>', 'calls of one session')
    .option('--limit <count>', 'newest calls looked at', positiveInteger)
    .action(
      action<[string | undefined], { session?: string; limit?: number }>(
        registry,
        async ({ client, out, io }, [file], { session, limit }) => {
          const result = await client.policies.dryRun({
            ...(file === undefined ? {} : { document: await readPolicyFile(io, file) }),
            ...(session === undefined ? {} : { sessionId: session }),
            ...(limit === undefined ? {} : { limit }),
          });
          out.document(result);
          const { calls, allow, requireApproval, deny, warned, unreadable } = result;
          out.line(`${calls} calls: ${allow} allowed (${warned} warned of), ${requireApproval} held, ${deny} denied.`);
          if (unreadable > 0) out.note(`${unreadable} could not be read back.`);
          out.table(result.affected, AFFECTED, 'No call would have been held or refused.');
        },
      ),
    );

  policies
    .command('explain')
    .description('tell what would be decided of a call, and why')
    .option('--tool <tool>', 'name of the tool', 'bash')
    .option('--command <text>', 'the shell command')
    .option('--arguments <json>', 'arguments of the call', jsonObject)
    .option('--session <id>', 'whose policies count as well')
    .option('--workspace <id>', 'in which it works')
    .option('--label <label>', 'a tag of the session; may be repeated', collect)
    .option('--file <file>', 'by the policy of a file, in place of those that there are')
    .action(
      action<[], ExplainOptions>(registry, async ({ client, out, io }, _args, options) => {
        const { tool, command, arguments: given, session, workspace, label, file } = options;
        const decision = await client.policies.explain({
          tool,
          arguments: { ...given, ...(command === undefined ? {} : { command }) } as Record<string, never>,
          ...(session === undefined ? {} : { sessionId: session }),
          ...(workspace === undefined ? {} : { workspaceId: workspace }),
          ...(label === undefined ? {} : { labels: label }),
          ...(file === undefined ? {} : { document: await readPolicyFile(io, file) }),
        });
        out.document(decision);
        out.line(`${out.style('bold', decision.effect)}${decision.rule ? ` by "${decision.rule.name}"` : ''}`);
        for (const line of decision.explanation) out.line(`  ${line}`);
      }),
    );
}

async function find(client: Client, name: string): Promise<Policy | null> {
  try {
    return await client.policies.get(name);
  } catch (error) {
    if (error instanceof ApiError && error.code === 'POLICY_NOT_FOUND') return null;
    throw error;
  }
}
