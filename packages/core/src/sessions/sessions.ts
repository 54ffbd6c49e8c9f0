import type { Transaction } from '../platform/database/index.ts';
import { checkpointVerbs } from './checkpoints/session-checkpoints.ts';
import { cleanupVerbs } from './cleanup-sessions.ts';
import { creationVerbs } from './create-session.ts';
import { deletionVerbs } from './delete-session.ts';
import { holdVerbs } from './hold-session.ts';
import { readingVerbs } from './read-sessions.ts';
import { retryVerbs } from './retry-session.ts';
import { lifecycleVerbs } from './session-lifecycle.ts';
import { membershipVerbs } from './session-membership.ts';
import { onDatabase, onTransaction, type SessionParts, type SessionScope } from './session-parts.ts';
import { statisticsVerbs } from './session-statistics.ts';
import { upkeepVerbs } from './session-upkeep.ts';
import { usageVerbs } from './session-usage.ts';
import { updateVerbs } from './update-session.ts';

/** All verbs of the room. Every one takes the project first; those that change something take the actor last. */
export type SessionVerbs = ReturnType<typeof verbs>;

/** The room: durable sessions, their life, metrics, checkpoints and members. */
export interface Sessions extends SessionVerbs {
  /**
   * The same verbs on the caller's transaction: they commit or roll back with it, and take part in its savepoints
   * (ORC-123). A refused write leaves the transaction unusable, unless it is made under a savepoint.
   */
  within(tx: Transaction): SessionVerbs;
}

export function createSessions(parts: SessionParts): Sessions {
  return { ...verbs(onDatabase(parts)), within: (tx) => verbs(onTransaction(parts, tx)) };
}

function verbs(scope: SessionScope) {
  return {
    ...creationVerbs(scope),
    ...readingVerbs(scope),
    ...statisticsVerbs(scope),
    ...updateVerbs(scope),
    ...deletionVerbs(scope),
    ...lifecycleVerbs(scope),
    ...holdVerbs(scope),
    ...retryVerbs(scope),
    ...checkpointVerbs(scope),
    ...membershipVerbs(scope),
    ...usageVerbs(scope),
    ...upkeepVerbs(scope),
    ...cleanupVerbs(scope),
  };
}
