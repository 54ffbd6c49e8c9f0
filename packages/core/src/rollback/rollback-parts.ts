import type { Clock } from '../platform/clock/clock.ts';
import type { Database } from '../platform/database/index.ts';
import type { Ids } from '../platform/ids/ids.ts';
import type { Logger } from '../platform/logging/index.ts';
import type { Sessions } from '../sessions/index.ts';
import type { ConflictMerger } from './operations/settle-conflicts.ts';
import type { StatePorts } from './ports/index.ts';
import type { RollbackEvents } from './rollback-events.ts';
import type { RollbackNotification } from './rollback-notifications.ts';
import type { RollbackSettings } from './rollback-settings.ts';

/** What the verbs of points and operations stand on. */
export interface RollbackParts {
  database: Database;
  clock: Clock;
  ids: Ids;
  logger: Logger;
  settings: RollbackSettings;
  ports: StatePorts;
  events: RollbackEvents;
  /** Whether capture and rollback may begin (RB-017). */
  isReady(): Promise<boolean>;
  merge: ConflictMerger;
  sessions: Pick<Sessions, 'get' | 'within' | 'addCheckpoint' | 'listCheckpoints' | 'update'>;
  notify(notification: RollbackNotification): Promise<void>;
  /** Names this process among those that run operations. */
  runner: string;
}
