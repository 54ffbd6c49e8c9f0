export { TaskWorker } from './task-worker.ts';
export type { HandlerContext, TaskHandler, WorkerParts, WorkerSettings } from './worker-options.ts';
