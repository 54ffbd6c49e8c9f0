import type { StreamEvent } from '@signalbox/client';

/** An event tells the first few tasks of many that changed together; of the others only how many they are. */
export function mayConcern(event: StreamEvent, taskId: string): boolean {
  if (event.type !== 'feed' || event.topic !== 'task') return false;
  const { counts, taskIds } = event.payload;
  const changed = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return taskIds.includes(taskId) || changed > taskIds.length;
}
