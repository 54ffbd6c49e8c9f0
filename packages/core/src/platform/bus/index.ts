import type { Clock } from '../clock/clock.ts';
import type { Database } from '../database/index.ts';
import type { Bus } from './bus.ts';
import { InProcessBus } from './in-process-bus.ts';
import { PostgresBus } from './postgres-bus.ts';

export { type Bus, type BusListener, type BusOptions, MAX_MESSAGE_BYTES } from './bus.ts';
export { InProcessBus } from './in-process-bus.ts';
export { PostgresBus, type PostgresBusOptions } from './postgres-bus.ts';

/** The bus that fits the database: between nodes where it can be shared, within the process on PGlite. */
export function openBus(options: {
  database: Database;
  nodeId: string;
  clock: Clock;
  onError: (error: unknown) => void;
}): Bus {
  return options.database.kind === 'pglite' ? new InProcessBus(options) : new PostgresBus(options);
}
