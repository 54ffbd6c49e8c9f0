import type { TaskQueue } from '@signalbox/core';
import * as contract from '../contract/tasks.ts';
import type { Serve } from '../http/serve.ts';

export function taskRoutes(serve: Serve, tasks: TaskQueue): void {
  serve(contract.getTask, ({ params }, { projectId }) => tasks.get(projectId, params.id));
  serve(contract.cancelTask, ({ params }, { projectId, actor }) => tasks.cancel(projectId, params.id, actor));
}
