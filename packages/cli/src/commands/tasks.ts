import type { Command } from 'commander';
import { action, type Registry } from '../action.ts';
import { registerDeadLetters } from './dead-letters.ts';
import { registerTaskClaims } from './task-claims.ts';
import { registerTaskEnqueue } from './task-enqueue.ts';
import { registerTaskViews } from './task-views.ts';

export function registerTasks(program: Command, registry: Registry): void {
  const tasks = program.command('tasks').description('put in, watch, claim, end and redrive queued work');

  registerTaskViews(tasks, registry);
  registerTaskEnqueue(tasks, registry);
  registerTaskClaims(tasks, registry);
  registerDeadLetters(tasks, registry);

  tasks
    .command('cancel <task>')
    .description('cancel a task with all it was decomposed into; work under way is told')
    .action(
      action<[string], object>(registry, async ({ client, out }, [id]) => {
        const task = await client.tasks.cancel(id);
        out.document(task);
        out.line(`Cancelled ${task.id} (${task.type}).`);
      }),
    );
}
