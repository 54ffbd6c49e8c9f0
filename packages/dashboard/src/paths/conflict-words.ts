import type { Conflict } from '@signalbox/client';

type Words = Pick<Conflict, 'kind' | 'sessionIds' | 'bySession'>;

/** What happened, to somebody who looks at both sessions. */
export function conflictWords({ kind }: Pick<Conflict, 'kind'>): string {
  return kind === 'touch' ? 'Both wrote it; neither had claimed it.' : 'One wrote what the other had claimed.';
}

/** What happened, to somebody who looks at one of the two sessions. */
export function conflictWordsFor(conflict: Words, sessionId: string): string {
  if (conflict.kind === 'touch') return 'was also written by';
  return conflict.bySession === sessionId
    ? 'was written here, and is claimed by'
    : 'is claimed here, and was written by';
}

/** The other one of the two. */
export function otherSession({ sessionIds }: Pick<Conflict, 'sessionIds'>, sessionId: string): string {
  return sessionIds.find((id) => id !== sessionId) ?? sessionId;
}
