import type { DeadLetterFilter } from '@signalbox/client';
import type { TaskFilters } from '../tasks/task-filters.ts';
import { DEAD_LETTER_STATUSES } from '../tasks/task-status.ts';

/**
 * What the verbs over all of them are given. Null where the list is narrowed by more than the server's filter knows: "all"
 * would be more than what is shown.
 */
export function bulkFilterOf({ queue, type, status, session, agent, trace }: TaskFilters): DeadLetterFilter | null {
  if (session !== undefined || agent !== undefined || trace !== undefined) return null;
  const statuses = DEAD_LETTER_STATUSES.filter((each) => status === undefined || status.split(',').includes(each));
  const [only] = statuses.length === 1 ? statuses : [];
  return {
    ...(queue === undefined ? {} : { queue }),
    ...(type === undefined ? {} : { type }),
    ...(only === 'dead' || only === 'failed' ? { status: only } : {}),
  };
}

/** `dead letters`, `dead tasks of type lint in builds`. */
export function whereOf({ queue, type, status }: DeadLetterFilter): string {
  const what = status === undefined ? 'dead letters' : `${status} tasks`;
  return `${what}${type === undefined ? '' : ` of type ${type}`}${queue === undefined ? '' : ` in ${queue}`}`;
}
