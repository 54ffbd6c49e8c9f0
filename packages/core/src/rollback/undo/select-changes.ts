import picomatch from 'picomatch';
import { SignalboxError } from '../../platform/errors/index.ts';
import type { WorkspaceChange } from '../../workspaces/index.ts';
import type { UndoSelection } from './undo-selection.ts';

/** A selection with its references looked up. */
export interface ResolvedSelection extends UndoSelection {
  workspaceId: string;
  /** The files that hold the named entities. */
  entityPaths?: ReadonlySet<string>;
}

export interface SelectedChanges {
  /** Newest first. */
  selected: WorkspaceChange[];
  /** Met all conditions, but are undone only when named. */
  leftOut: WorkspaceChange[];
}

/**
 * Which of a workspace's changes a selection means. @throws UNDO_NOT_SELECTABLE for a `vcs` change that was named, or a
 * change that is not there
 */
export function selectChanges(changes: readonly WorkspaceChange[], selection: ResolvedSelection): SelectedChanges {
  const named = new Set(namedChanges(selection));
  const matches = matcherOf(selection);
  const selected: WorkspaceChange[] = [];
  const leftOut: WorkspaceChange[] = [];
  for (const change of changes) {
    if (named.delete(change.id)) {
      if (change.attribution === 'vcs') throw notSelectable(change.id, 'the user’s version control made it');
      selected.push(change);
    } else if (matches?.(change)) {
      if (change.attribution === 'external' || change.attribution === 'ambiguous') leftOut.push(change);
      else if (change.attribution !== 'vcs') selected.push(change);
    }
  }
  const [missing] = named;
  if (missing !== undefined) throw notSelectable(missing, 'this workspace has no such change');
  return { selected: selected.sort(newestFirst), leftOut };
}

export function namedChanges({ changeIds = [], hunks = [], keepHunks = [] }: UndoSelection): string[] {
  return [...changeIds, ...hunks.map(({ changeId }) => changeId), ...keepHunks.map(({ changeId }) => changeId)];
}

/** Null where no condition is given: then only what is named is selected. */
function matcherOf(selection: ResolvedSelection): ((change: WorkspaceChange) => boolean) | null {
  const { sessionIds, agents, callIds, paths, entityPaths, since, until, after, upTo, undoId } = selection;
  const conditions: ((change: WorkspaceChange) => boolean)[] = [];
  const acted = sessionIds ?? agents ?? callIds;
  if (sessionIds) {
    const ids = new Set(sessionIds);
    conditions.push(
      ({ sessionId, candidates }) => has(ids, sessionId) || candidates.some((one) => ids.has(one.sessionId)),
    );
  }
  if (agents) conditions.push(({ actor }) => actor !== null && agents.includes(actor));
  if (callIds) {
    const ids = new Set(callIds);
    conditions.push(({ callId, candidates }) => has(ids, callId) || candidates.some((one) => has(ids, one.callId)));
  }
  if (paths) {
    const wanted = picomatch(
      paths.flatMap((path) => [path, `${path.replace(/\/+$/, '')}/**`]),
      { dot: true },
    );
    conditions.push(({ path, oldPath }) => wanted(path) || (oldPath !== null && wanted(oldPath)));
  }
  if (entityPaths) {
    conditions.push(({ path, oldPath }) => entityPaths.has(path) || (oldPath !== null && entityPaths.has(oldPath)));
  }
  if (since !== undefined) conditions.push(({ occurredAt }) => Date.parse(occurredAt) >= Date.parse(since));
  if (until !== undefined) conditions.push(({ occurredAt }) => Date.parse(occurredAt) < Date.parse(until));
  if (after !== undefined) conditions.push(({ position }) => position > after);
  if (upTo !== undefined) conditions.push(({ position }) => position <= upTo);
  if (undoId !== undefined) conditions.push((change) => change.undoId === undoId);
  if (conditions.length === 0) return null;
  // What an undo set back is nobody's doing: a session's changes are undone, not what was already undone of them.
  if (acted && undoId === undefined) conditions.push(({ attribution }) => attribution !== 'undo');
  return (change) => conditions.every((condition) => condition(change));
}

function has(ids: ReadonlySet<string>, id: string | null): boolean {
  return id !== null && ids.has(id);
}

export function newestFirst(a: WorkspaceChange, b: WorkspaceChange): number {
  return b.position - a.position || (a.path < b.path ? -1 : 1);
}

function notSelectable(id: string, reason: string): SignalboxError {
  return new SignalboxError('UNDO_NOT_SELECTABLE', { id, reason });
}
