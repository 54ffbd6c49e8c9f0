import type { MonitoringSummary } from './monitoring-summary.ts';

/** The summary in the text format of Prometheus (RB-227), for a scraper that watches one project. */
export function exportPrometheus(summary: MonitoringSummary): string {
  return [
    metric('rollback_total_points', 'gauge', 'Rollback points that are kept', summary.totalRollbackPoints),
    metric('rollback_success_rate', 'gauge', 'Percent of the rollbacks that succeeded', summary.successRate),
    metric('rollback_average_time_ms', 'gauge', 'Milliseconds of a rollback on average', summary.averageOperationTime),
    metric('rollback_memory_usage_bytes', 'gauge', 'Bytes of rollback points', summary.currentMemoryUsage),
    metric('rollback_active_alerts', 'gauge', 'Open alerts about rollbacks', summary.activeAlerts),
    metric(
      'rollback_uptime_seconds',
      'counter',
      'Seconds for which rollbacks are watched',
      Math.floor(summary.uptime / 1_000),
    ),
    metric('rollback_successes_total', 'counter', 'Rollbacks that succeeded', summary.successfulRollbacks),
    metric('rollback_failures_total', 'counter', 'Rollbacks that failed', summary.failedRollbacks),
  ].join('');
}

function metric(name: string, type: 'gauge' | 'counter', help: string, value: number): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${name} ${value}\n`;
}
