import {
  type Database,
  MOST_AT_ONCE,
  pageTasks,
  parseListQuery,
  SignalboxError,
  TASK_FIELDS,
  type TaskQueue,
} from '@signalbox/core';
import * as contract from '../contract/tasks.ts';
import type { Serve } from '../http/serve.ts';
import { wholePage } from './numbered-page.ts';

export function taskRoutes(serve: Serve, database: Database, tasks: TaskQueue): void {
  serve(contract.listTasks, ({ query }, { projectId }) =>
    pageTasks(database, projectId, parseListQuery(TASK_FIELDS, query)),
  );
  serve(contract.enqueueTask, ({ body }, { projectId, principal }) =>
    tasks.enqueue(projectId, { createdBy: principal.name, ...body }),
  );
  serve(contract.enqueueTasks, async ({ body }, { projectId, principal }) => {
    // The envelope only: the room checks each task while it writes it out.
    const given = body?.tasks;
    if (!Array.isArray(given) || given.length === 0 || given.length > MOST_AT_ONCE || Object.keys(body).length > 1) {
      throw new SignalboxError('VALIDATION_FAILED', {
        reason: `the body must be {"tasks": […]} with 1 to ${MOST_AT_ONCE} tasks`,
      });
    }
    const inputs = given.map((task) => ({ createdBy: principal.name, ...task }));
    return { items: await tasks.enqueueMany(projectId, inputs) };
  });
  serve(contract.getTask, ({ params }, { projectId }) => tasks.get(projectId, params.id));
  serve(contract.taskAttempts, async ({ params }, { projectId }) =>
    wholePage(await tasks.attempts(projectId, params.id)),
  );
  serve(contract.taskChildren, async ({ params, query }, { projectId }) => {
    await tasks.get(projectId, params.id);
    const asked = { sortBy: 'createdAt', sortOrder: 'asc', ...query, parentId: params.id };
    return pageTasks(database, projectId, parseListQuery(TASK_FIELDS, asked));
  });
  serve(contract.taskDependencies, async ({ params }, { projectId }) =>
    wholePage(await tasks.dependencies(projectId, params.id)),
  );
  serve(contract.addTaskDependencies, async ({ params, body }, { projectId }) => {
    await tasks.addDependencies(projectId, params.id, body.dependsOn);
    return tasks.get(projectId, params.id);
  });
  serve(contract.cancelTask, ({ params }, { projectId, actor }) => tasks.cancel(projectId, params.id, actor));
}
