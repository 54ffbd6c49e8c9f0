export {
  type CreateSchedule,
  createScheduleSchema,
  type Schedule,
  scheduleSchema,
  type UpdateSchedule,
  updateScheduleSchema,
} from './schedule.ts';
export { Schedules, type SchedulesParts } from './schedules.ts';
