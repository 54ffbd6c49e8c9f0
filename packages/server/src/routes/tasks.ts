import { type Database, pageTasks, parseListQuery, TASK_FIELDS, type TaskQueue } from '@signalbox/core';
import * as contract from '../contract/tasks.ts';
import type { Serve } from '../http/serve.ts';

export function taskRoutes(serve: Serve, database: Database, tasks: TaskQueue): void {
  serve(contract.listTasks, ({ query }, { projectId }) =>
    pageTasks(database, projectId, parseListQuery(TASK_FIELDS, query)),
  );
  serve(contract.getTask, ({ params }, { projectId }) => tasks.get(projectId, params.id));
  serve(contract.cancelTask, ({ params }, { projectId, actor }) => tasks.cancel(projectId, params.id, actor));
}
