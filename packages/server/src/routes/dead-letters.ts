import type { DeadLetters } from '@signalbox/core';
import * as contract from '../contract/dead-letters.ts';
import type { Serve } from '../http/serve.ts';

export function deadLetterRoutes(serve: Serve, letters: DeadLetters): void {
  serve(contract.redriveTask, ({ params }, { projectId, actor }) => letters.redrive(projectId, params.id, actor));
  serve(contract.redriveTasks, ({ body }, { projectId, actor }) => letters.redriveAll(projectId, body, actor));
  serve(contract.discardTask, ({ params }, { projectId, actor }) => letters.discard(projectId, params.id, actor));
  serve(contract.discardTasks, ({ body }, { projectId, actor }) => letters.discardAll(projectId, body, actor));
}
