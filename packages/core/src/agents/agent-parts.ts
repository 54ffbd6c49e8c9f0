import type { Bus } from '../platform/bus/index.ts';
import type { Clock } from '../platform/clock/clock.ts';
import type { Database } from '../platform/database/index.ts';
import type { Ids } from '../platform/ids/ids.ts';
import type { TaskQueue } from '../tasks/index.ts';
import type { AgentLocks } from './lock-port.ts';

/** What the room needs of the others. */
export interface AgentParts {
  database: Database;
  clock: Clock;
  ids: Ids;
  bus: Bus;
  tasks: TaskQueue;
  locks: AgentLocks;
}

/** Deadlocks with a claim or the reaper are tried again. */
export const RETRIES = 3;
