import { createScheduleSchema, scheduleSchema, updateScheduleSchema, uuidSchema } from '@signalbox/core';
import { z } from 'zod';
import { pageOf, pageQuerySchema } from './lists.ts';
import { operation } from './operation.ts';

const tag = 'schedules';
const params = z.strictObject({ id: uuidSchema });

export const schedulePageSchema = pageOf(scheduleSchema);

export const listSchedules = operation({
  id: 'listSchedules',
  method: 'GET',
  path: '/schedules',
  tag,
  summary: 'List schedules',
  role: 'viewer',
  query: pageQuerySchema,
  answer: { status: 200, about: 'A page of schedules, by name.', schema: schedulePageSchema },
});

export const createSchedule = operation({
  id: 'createSchedule',
  method: 'POST',
  path: '/schedules',
  tag,
  summary: 'Let a task come again and again',
  description:
    'The expression has five fields (minute, hour, day, month, weekday), or six with seconds before them. Where clocks are put forward, a time of day that is skipped comes when the hour has passed; where they are put back, one that comes twice counts once. Times that were missed are left out, or made up for once (`catchUp`).',
  role: 'operator',
  body: createScheduleSchema,
  bodyCheckedByRoom: true,
  answer: { status: 201, about: 'The schedule, with its next time.', schema: scheduleSchema },
  example: {
    name: 'nightly-report',
    cron: '30 2 * * *',
    timezone: 'Europe/Berlin',
    task: { type: 'report', payload: { days: 1 } },
    overlap: 'skip',
  },
});

export const getSchedule = operation({
  id: 'getSchedule',
  method: 'GET',
  path: '/schedules/{id}',
  tag,
  summary: 'One schedule',
  role: 'viewer',
  params,
  answer: { status: 200, about: 'The schedule.', schema: scheduleSchema },
});

export const updateSchedule = operation({
  id: 'updateSchedule',
  method: 'PATCH',
  path: '/schedules/{id}',
  tag,
  summary: 'Change, enable or disable a schedule',
  description: 'What went by while it was disabled is not made up for.',
  role: 'operator',
  params,
  body: updateScheduleSchema,
  bodyCheckedByRoom: true,
  ifMatch: 'required',
  answer: { status: 200, about: 'The schedule as it is now.', schema: scheduleSchema },
  example: { enabled: false },
});

export const deleteSchedule = operation({
  id: 'deleteSchedule',
  method: 'DELETE',
  path: '/schedules/{id}',
  tag,
  summary: 'Delete a schedule',
  description: 'The tasks that it enqueued stay.',
  role: 'operator',
  params,
  ifMatch: 'required',
  answer: { status: 204, about: 'It is deleted.' },
});
