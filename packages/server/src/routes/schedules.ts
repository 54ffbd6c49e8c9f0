import type { Schedules } from '@signalbox/core';
import * as contract from '../contract/schedules.ts';
import type { Serve } from '../http/serve.ts';
import { numberedPage } from './numbered-page.ts';

export function scheduleRoutes(serve: Serve, schedules: Schedules): void {
  serve(contract.listSchedules, ({ query }, { projectId }) =>
    numberedPage(query, (page, pageSize) => schedules.list(projectId, page, pageSize)),
  );
  serve(contract.createSchedule, ({ body }, { projectId, actor }) => schedules.create(projectId, body, actor));
  serve(contract.getSchedule, ({ params }, { projectId }) => schedules.get(projectId, params.id));
  serve(contract.updateSchedule, ({ params, body, version }, { projectId, actor }) =>
    schedules.update(projectId, params.id, version, body, actor),
  );
  serve(contract.deleteSchedule, ({ params, version }, { projectId, actor }) =>
    schedules.delete(projectId, params.id, version, actor),
  );
}
