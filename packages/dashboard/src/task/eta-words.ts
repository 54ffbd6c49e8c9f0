import type { TaskEta } from '@signalbox/client';

type Reason = NonNullable<TaskEta['reason']>;
type Bound = NonNullable<TaskEta['eta']>['basis']['boundBy'];

/** Why nothing is said, as a person is told. */
export const NO_ETA: Readonly<Record<Reason, string>> = {
  over: 'It is over.',
  waiting: 'It waits for other tasks or for somebody’s answer; how long that takes is not known.',
  paused: 'Its queue is paused.',
  not_measured: 'Fewer than two attempts of its type were measured within a day.',
  not_worked_on: 'It could start now, but nobody claims from its queue.',
};

/** What decides when it starts. */
export const BOUND_BY: Readonly<Record<Bound, string>> = {
  begun: 'it has begun',
  its_time: 'its time has still to come',
  agents: 'how many agents work',
  concurrency: 'the limit of its queue',
  concurrency_key: 'the limit of its key',
  rate: 'the rate of its queue',
};
