import { resolve } from 'node:path';
import { type AuditEvent, type AuditVerification, auditCsvHead, auditCsvLine } from '@signalbox/client';
import { type Command, Option } from 'commander';
import { action, type Registry } from '../action.ts';
import { collectFilter } from '../arguments.ts';
import { EXIT } from '../exit-codes.ts';
import { type LocalOptions, localOptions, localSources } from '../local-sources.ts';
import type { Column } from '../output/table.ts';
import { formatTime } from '../output/time.ts';
import { UsageError } from '../usage-error.ts';
import { type ListOptions, listOptions, listQuery, noteFurtherPages } from './list-options.ts';

const COLUMNS: Column<AuditEvent>[] = [
  { header: 'AT', value: (event) => formatTime(event.at) },
  { header: 'WHO', value: (event) => event.actor },
  { header: 'DID', value: (event) => event.action },
  { header: 'TO', value: (event) => `${event.subjectType} ${event.subjectId}`, flexible: true },
  { header: 'ID', value: (event) => event.id },
];

const PROBLEM_COLUMNS: Column<AuditVerification['problems'][number]>[] = [
  { header: 'PROBLEM', value: (problem) => problem.kind, colour: () => 'red' },
  { header: 'POSITION', value: (problem) => text(problem.position), align: 'right' },
  { header: 'SEAL', value: (problem) => text(problem.seal), align: 'right' },
  { header: 'EVENT', value: (problem) => text(problem.eventId) },
  { header: 'WHAT', value: (problem) => problem.detail, flexible: true },
];

export function registerAudit(program: Command, registry: Registry): void {
  const audit = program
    .command('audit')
    .description('who did what to what, and whether the record is as it was sealed');

  listOptions(audit.command('list').description('list audit events, newest first')).action(
    action<[], ListOptions>(registry, async ({ client, out }, _args, options) => {
      const page = await client.audit.list(listQuery(options));
      out.document(page);
      out.table(page.items, COLUMNS, 'Nothing has been recorded.');
      noteFurtherPages(out, page);
    }),
  );

  audit
    .command('show <event>')
    .description('show one audit event with what it changed')
    .action(
      action<[string], object>(registry, async ({ client, out }, [id]) => {
        const event = await client.audit.get(id);
        out.document(event);
        const { changes, details, ...fields } = event;
        out.fields(Object.entries(fields).map(([name, value]) => [name, value === null ? null : String(value)]));
        for (const [name, change] of Object.entries(changes)) out.line(`${name}: ${JSON.stringify(change)}`);
        for (const [name, detail] of Object.entries(details)) out.line(`${name}: ${JSON.stringify(detail)}`);
      }),
    );

  localOptions(
    audit
      .command('verify')
      .description('check the seals of the project, and say where something was altered; exit code 1 if so')
      .option(
        '--file <export>',
        'check what was exported as `sealed`, without a server: by the keys in the data directory',
      ),
  ).action(
    action<[], LocalOptions & { file?: string }>(registry, async ({ client, out, io }, _args, { file, ...local }) => {
      const report =
        file === undefined
          ? await client.audit.verify()
          : await (await import('@signalbox/server/local')).verifyAuditFile(
              localSources(io, local),
              resolve(io.cwd(), file),
            );
      out.document(report);
      for (const line of summaryOf(report)) out.line(line);
      if (report.problems.length > 0) out.table(report.problems, PROBLEM_COLUMNS, '');
      if (!report.ok) registry.exitWith(EXIT.failure);
    }),
  );

  audit
    .command('export')
    .description(
      'write audit events, oldest first, to standard output; `sealed` is the whole chain, to be verified anywhere',
    )
    .option('--filter <field=value>', 'field=value or field.operator=value; may be repeated', collectFilter)
    .addOption(new Option('--format <format>', 'how').choices(['jsonl', 'csv', 'sealed']).default('jsonl'))
    .action(
      action<[], { filter?: Record<string, string>; format: 'jsonl' | 'csv' | 'sealed' }>(
        registry,
        async ({ client, out }, _args, { format, filter }) => {
          if (format !== 'csv') {
            for await (const text of client.audit.export({ format, filters: filter })) await out.written(text);
            return;
          }
          if (out.json) throw new UsageError('CSV is no JSON: leave out --json, or the format.');
          await out.written(auditCsvHead());
          for await (const event of client.audit.each({ ...filter })) await out.written(auditCsvLine(event));
        },
      ),
    );
}

function summaryOf({ ok, sealedThrough, sealed, released, unsealed }: AuditVerification): string[] {
  return [
    ok ? 'The record is as it was sealed.' : 'The record is not as it was sealed.',
    sealedThrough === null
      ? 'Nothing is sealed yet.'
      : `sealed     ${sealed} events, up to seal ${sealedThrough.number} of ${formatTime(sealedThrough.sealedAt)}`,
    ...(released > 0 ? [`dropped    ${released} of them by retention, as their seals say`] : []),
    `not sealed ${unsealed} events, which can be changed unnoticed until they are`,
  ];
}

function text(value: string | number | null): string {
  return value === null ? '' : String(value);
}
