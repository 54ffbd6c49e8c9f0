import type { MeasuredWork, TaskQueue } from '@signalbox/core';
import { Counter, type Registry } from 'prom-client';

/** Queues with figures of their own; beyond it they are counted together, so that names cannot grow without end. */
const QUEUES = 100;
const OTHERS = 'others';

/** Counts what this node sees happen to tasks, and how long attempts took. Projects share a queue's name. */
export function countTasks(registry: Registry, tasks: Pick<TaskQueue, 'onMeasured'>): void {
  const registers = [registry];
  const counted = new Counter({
    name: 'signalbox_tasks_total',
    help: 'What happened to tasks on this node: enqueued, claimed, completed, retried, failed, dead, cancelled, released, decomposed, lost.',
    labelNames: ['queue', 'kind'],
    registers,
  });
  const seconds = new Counter({
    name: 'signalbox_task_attempt_seconds_total',
    help: 'Time that ended attempts took from their claims on; divided by their count it is the mean.',
    labelNames: ['queue', 'kind'],
    registers,
  });
  const names = new Set<string>();
  const labelOf = (queue: string) => {
    if (names.size < QUEUES) names.add(queue);
    return names.has(queue) ? queue : OTHERS;
  };
  tasks.onMeasured((work: readonly MeasuredWork[]) => {
    for (const { queue, kind, count, ms } of work) {
      const labels = { queue: labelOf(queue), kind };
      counted.inc(labels, count);
      if (ms > 0) seconds.inc(labels, ms / 1_000);
    }
  });
}
