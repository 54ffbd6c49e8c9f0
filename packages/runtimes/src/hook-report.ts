import type { AdoptedEvent } from '@signalbox/core';

/** An event that a hook tells of, and whose it is. */
export interface HookReport {
  /** How the agent names its session. */
  conversation: string;
  directory: string;
  event: AdoptedEvent;
}
