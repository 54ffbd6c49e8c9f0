import type { Queues, TaskEtas } from '@signalbox/core';
import * as contract from '../contract/queues.ts';
import * as eta from '../contract/task-eta.ts';
import type { Serve } from '../http/serve.ts';
import { numberedPage, wholePage } from './numbered-page.ts';

export function queueRoutes(serve: Serve, queues: Queues, etas: TaskEtas): void {
  serve(contract.listQueues, ({ query }, { projectId }) =>
    numberedPage(query, (page, pageSize) => queues.list(projectId, page, pageSize)),
  );
  serve(contract.getQueue, ({ params }, { projectId }) => queues.get(projectId, params.name));
  serve(contract.updateQueue, ({ params, body, version }, { projectId, actor }) =>
    queues.update(projectId, params.name, version, body, actor),
  );
  serve(contract.pauseQueue, ({ params, version }, { projectId, actor }) =>
    queues.pause(projectId, params.name, actor, version),
  );
  serve(contract.resumeQueue, ({ params, version }, { projectId, actor }) =>
    queues.resume(projectId, params.name, actor, version),
  );
  serve(contract.drainQueue, ({ params, version }, { projectId, actor }) =>
    queues.drain(projectId, params.name, actor, version),
  );
  serve(contract.openQueue, ({ params, version }, { projectId, actor }) =>
    queues.open(projectId, params.name, actor, version),
  );
  serve(eta.getTaskEta, ({ params }, { projectId }) => etas.eta(projectId, params.id));
  serve(eta.listEtaAccuracy, async (_given, { projectId }) => wholePage(await etas.accuracy(projectId)));
}
