import type { Role } from '@signalbox/core';

/** Who makes a request. */
export interface Principal {
  /** Name of the key, subject of the token, or in open mode what the caller says; `anonymous` when it says nothing. */
  actor: string;
  /** The actor where one is known, else null: what `createdBy` becomes. */
  name: string | null;
  role: Role;
  /** Slug or id of the project. */
  project: string;
  /** True when the caller cannot choose another project. */
  bound: boolean;
  /** The browser session by whose cookie it comes; null for all others. */
  browserSessionId: string | null;
  /** By what its rate is counted; null when it is not limited. */
  rateKey: string | null;
}
