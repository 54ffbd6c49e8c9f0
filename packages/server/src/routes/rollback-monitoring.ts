import { ALERT_FIELDS, exportPrometheus, parseListQuery, type RollbackMonitor, SAMPLE_FIELDS } from '@signalbox/core';
import * as contract from '../contract/rollback-monitoring.ts';
import type { Serve } from '../http/serve.ts';
import { TextAnswer } from '../http/text-answer.ts';

/** How Prometheus knows its text format. */
const PROMETHEUS = 'text/plain; version=0.0.4; charset=utf-8';

export function rollbackMonitoringRoutes(serve: Serve, monitor: RollbackMonitor): void {
  serve(contract.getRollbackMonitoring, (_given, { projectId }) => monitor.summary(projectId));
  serve(contract.listRollbackSamples, ({ query }, { projectId }) =>
    monitor.samples(projectId, parseListQuery(SAMPLE_FIELDS, query)),
  );
  serve(contract.getRollbackTrends, ({ query }, { projectId }) => monitor.trends(projectId, query.hours));
  serve(contract.listRollbackAlerts, ({ query }, { projectId }) =>
    monitor.alerts(projectId, parseListQuery(ALERT_FIELDS, query)),
  );
  serve(contract.resolveRollbackAlert, async ({ params }, { projectId, actor }) => {
    await monitor.resolveAlert(projectId, params.id, actor);
    return monitor.alert(projectId, params.id);
  });
  serve(contract.exportRollbackMonitoring, async ({ query }, { projectId }) =>
    query.format === 'prometheus'
      ? new TextAnswer(PROMETHEUS, exportPrometheus(await monitor.summary(projectId)))
      : monitor.export(projectId),
  );
}
