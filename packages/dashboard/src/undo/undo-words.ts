import type { Undo } from '@signalbox/client';

/** In a few words what an undo takes back. */
export function selectionWords(
  { selection, undoes }: Pick<Undo, 'selection' | 'undoes'>,
  titles: ReadonlyMap<string, string>,
): string {
  if (undoes !== null) return 'an earlier undo';
  const {
    sessionIds = [],
    agents = [],
    callIds = [],
    paths = [],
    changeIds = [],
    since,
    until,
    sinceCheckpoint,
    sincePoint,
    entities = [],
  } = selection;
  const [only, ...others] = sessionIds;
  const parts = [
    only === undefined ? null : others.length > 0 ? `${sessionIds.length} sessions` : (titles.get(only) ?? 'a session'),
    agents.length > 0 ? `agent ${agents.join(', ')}` : null,
    callIds.length > 0 ? counted(callIds.length, 'tool call') : null,
    changeIds.length > 0 ? counted(changeIds.length, 'change') : null,
    paths.length > 0 ? paths.slice(0, 3).join(', ') + (paths.length > 3 ? ` and ${paths.length - 3} more` : '') : null,
    since !== undefined || until !== undefined ? 'within a time' : null,
    entities.length > 0 ? (entities.length > 1 ? `${entities.length} entities` : 'an entity') : null,
    sincePoint !== undefined ? 'since a rollback point' : null,
    sinceCheckpoint !== undefined ? `since checkpoint ${sinceCheckpoint.sequence}` : null,
  ].filter((part) => part !== null);
  return parts.length === 0 ? 'changes of a workspace' : parts.join(' · ');
}

export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
