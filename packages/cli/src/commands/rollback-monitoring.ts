import type { MonitoringSummary, RollbackAlert } from '@signalbox/client';
import { type Command, Option } from 'commander';
import { action, type Registry } from '../action.ts';
import type { Output } from '../output/output.ts';
import type { Column } from '../output/table.ts';
import { formatTime } from '../output/time.ts';
import { type ListOptions, listOptions, listQuery, noteFurtherPages } from './list-options.ts';

const ALERT_COLUMNS: Column<RollbackAlert>[] = [
  { header: 'ID', value: (alert) => alert.id },
  {
    header: 'SEVERITY',
    value: (alert) => alert.severity,
    colour: (alert) => (alert.resolved ? 'dim' : alert.severity === 'critical' ? 'red' : 'yellow'),
  },
  { header: 'TYPE', value: (alert) => alert.type },
  { header: 'SEEN', value: (alert) => formatTime(alert.timestamp) },
  { header: 'TIMES', value: (alert) => String(alert.occurrences), align: 'right' },
  { header: 'RESOLVED', value: (alert) => (alert.resolved ? (alert.resolvedBy ?? 'by itself') : 'no') },
  { header: 'MESSAGE', value: (alert) => alert.message, flexible: true },
];

const HEALTH_COLOURS = { healthy: 'green', warning: 'yellow', critical: 'red' } as const;

interface MonitoringOptions {
  format?: 'json' | 'prometheus';
}

/** `rollback monitoring` and `rollback alerts`. */
export function registerRollbackMonitoring(rollback: Command, registry: Registry): void {
  rollback
    .command('monitoring')
    .description('how rollbacks stand, or with --format the figures for other programs')
    .addOption(new Option('--format <format>', 'what to print').choices(['json', 'prometheus']))
    .action(
      action<[], MonitoringOptions>(registry, async ({ client, out, io }, _args, { format }) => {
        if (format === 'prometheus') {
          io.stdout.write(await client.rollbackMonitoring.exportPrometheus());
        } else if (format === 'json') {
          io.stdout.write(`${JSON.stringify(await client.rollbackMonitoring.export(), null, 2)}\n`);
        } else {
          const summary = await client.rollbackMonitoring.summary();
          out.document(summary);
          out.fields(describe(summary, out));
        }
      }),
    );

  const alerts = rollback.command('alerts').description('what somebody should look at');

  listOptions(alerts.command('list', { isDefault: true }).description('list alerts about rollbacks')).action(
    action<[], ListOptions>(registry, async ({ client, out }, _args, options) => {
      const page = await client.rollbackMonitoring.alerts(listQuery(options));
      out.document(page);
      out.table(page.items, ALERT_COLUMNS, 'There are no alerts.');
      noteFurtherPages(out, page);
    }),
  );

  alerts
    .command('resolve <alert>')
    .description('say that an alert is dealt with')
    .action(
      action<[string], object>(registry, async ({ client, out }, [id]) => {
        const alert = await client.rollbackMonitoring.resolveAlert(id);
        out.document(alert);
        out.line(`Resolved by ${alert.resolvedBy ?? 'itself'}: ${alert.message}`);
      }),
    );
}

function describe(summary: MonitoringSummary, out: Output): [string, string][] {
  return [
    ['health', out.style(HEALTH_COLOURS[summary.healthStatus], summary.healthStatus)],
    ['open alerts', String(summary.activeAlerts)],
    ['points', String(summary.totalRollbackPoints)],
    ['rollbacks', `${summary.totalOperations}, of which ${summary.failedRollbacks} failed`],
    ['success', `${summary.successRate.toFixed(1)} %`],
    ['average time', `${Math.round(summary.averageOperationTime)} ms`],
    ['memory', `${(summary.currentMemoryUsage / 1_048_576).toFixed(1)} MB`],
    ['under way', `${summary.activeOperations}, ${summary.pendingOperations} waiting`],
  ];
}
