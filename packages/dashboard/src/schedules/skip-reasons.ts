import type { Schedule } from '@signalbox/client';

/** Why a time was left out, as a person is told. */
export const SKIP_REASONS: Readonly<Record<NonNullable<Schedule['lastSkipReason']>, string>> = {
  missed: 'no scheduler ran',
  overlap: 'the task before was not over',
  queue_draining: 'its queue was draining',
  task_refused: 'its task was refused',
  times_unreadable: 'its times cannot be read',
};
