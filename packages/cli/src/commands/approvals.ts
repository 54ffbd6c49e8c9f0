import type { Approval } from '@signalbox/client';
import type { Command } from 'commander';
import { action, type Registry } from '../action.ts';
import type { Column } from '../output/table.ts';
import { formatTime } from '../output/time.ts';
import { type ListOptions, listOptions, listQuery, noteFurtherPages } from './list-options.ts';

const COLUMNS: Column<Approval>[] = [
  { header: 'ID', value: (approval) => approval.id },
  {
    header: 'STATUS',
    value: (approval) => approval.status,
    colour: ({ status }) => (status === 'approved' ? 'green' : status === 'pending' ? 'yellow' : 'red'),
  },
  { header: 'WHAT', value: (approval) => approval.summary, flexible: true },
  { header: 'ASKED BY', value: (approval) => approval.requestedBy },
  { header: 'UNTIL', value: (approval) => formatTime(approval.expiresAt) },
];

/** What can be done with one approval, with a reason that is kept. */
const VERBS = [
  { name: 'approve', about: 'allow what is asked for, once', done: 'Approved' },
  { name: 'reject', about: 'refuse what is asked for; the agent is told the reason', done: 'Rejected' },
  { name: 'withdraw', about: 'take the question back', done: 'Withdrew' },
] as const;

export function registerApprovals(program: Command, registry: Registry): void {
  const approvals = program.command('approvals').description('answer what agents may not do without being asked');

  listOptions(approvals.command('list').description('list approvals, open and answered')).action(
    action<[], ListOptions>(registry, async ({ client, out }, _args, options) => {
      const page = await client.approvals.list(listQuery(options));
      out.document(page);
      out.table(page.items, COLUMNS, 'Nobody has asked for anything.');
      noteFurtherPages(out, page);
    }),
  );

  approvals
    .command('show <approval>')
    .description('what exactly is asked for, by which policy, and what was said to it')
    .action(
      action<[string], object>(registry, async ({ client, out }, [id]) => {
        const approval = await client.approvals.get(id);
        out.document(approval);
        out.table([approval], COLUMNS, '');
        out.line();
        out.line(`digest     ${approval.digest}`);
        if (approval.workingDirectory !== null) out.line(`in         ${approval.workingDirectory}`);
        out.line(`arguments  ${JSON.stringify(approval.arguments)}`);
        if (approval.editedArguments !== null) out.line(`edited to  ${JSON.stringify(approval.editedArguments)}`);
        if (approval.policy !== null) out.line(`policy     ${approval.policy.name} (${approval.policy.ruleId})`);
        if (approval.why !== null) out.line(`because    ${approval.why}`);
        out.line(`approvals  ${approval.approvals} of ${approval.quorum}, by ${approval.roles.join(', ')} or above`);
        for (const { at, actor, verdict, reason } of approval.votes)
          out.line(`${formatTime(at)}  ${actor}: ${verdict}${reason === null ? '' : `: ${reason}`}`);
        for (const { at, actor, text } of approval.comments) out.line(`${formatTime(at)}  ${actor}: ${text}`);
      }),
    );

  for (const { name, about, done } of VERBS) {
    approvals
      .command(`${name} <approval>`)
      .description(about)
      .option('--reason <text>', 'why; it is kept')
      .action(
        action<[string], { reason?: string }>(registry, async ({ client, out }, [id], { reason }) => {
          const approval = await client.approvals[name](id, reason ?? null);
          out.document(approval);
          const left = approval.quorum - approval.approvals;
          out.line(`${done} ${out.style('bold', approval.summary)}.`);
          if (approval.status === 'pending') out.line(`It needs ${left} more.`);
        }),
      );
  }
}
