import { SignalboxError } from '../../platform/errors/index.ts';
import { placeOf } from '../../sessions/index.ts';
import type { WorkspaceChange } from '../../workspaces/index.ts';
import { namedChanges, type ResolvedSelection } from './select-changes.ts';
import type { UndoParts } from './undo-parts.ts';
import type { UndoSelection } from './undo-selection.ts';
import { getUndo } from './undo-store.ts';

/** Most values of a filter in one list. */
const AT_ONCE = 100;

/**
 * The one workspace that a selection is about, with all its changes from the oldest on that may be meant.
 * @throws UNDO_SELECTION_EMPTY, UNDO_SPANS_WORKSPACES, UNDO_NOTHING_SELECTED, UNDO_NOT_FOUND, CHECKPOINT_NOT_FOUND,
 *   SESSION_NOT_FOUND, WORKSPACE_NOT_FOUND
 */
export async function lookUpSelection(
  parts: UndoParts,
  projectId: string,
  input: UndoSelection,
): Promise<{ selection: ResolvedSelection; changes: WorkspaceChange[] }> {
  const { workspaceId, sinceCheckpoint, ...conditions } = input;
  if (!sinceCheckpoint && Object.keys(conditions).length === 0) throw new SignalboxError('UNDO_SELECTION_EMPTY');
  const selection = sinceCheckpoint ? await sinceOf(parts, projectId, conditions, sinceCheckpoint) : conditions;
  const { found, elsewhere } = await candidates(parts, projectId, selection, sinceCheckpoint?.sessionId);
  const workspaces = new Set([...found.map((change) => change.workspaceId), ...elsewhere]);
  if (workspaceId === undefined && workspaces.size > 1) {
    throw new SignalboxError('UNDO_SPANS_WORKSPACES', { workspaces: [...workspaces] });
  }
  const only = workspaceId ?? [...workspaces][0];
  if (only === undefined) throw new SignalboxError('UNDO_NOTHING_SELECTED', { leftOut: 0 });
  await parts.workspaces.get(projectId, only);
  const positions = found.filter((change) => change.workspaceId === only).map(({ position }) => position);
  // With sessions or names, nothing older than the oldest of theirs is meant; a session's candidates may be.
  const bounded = positions.length > 0 && selection.sessionIds === undefined;
  const after = bounded ? Math.min(...positions) - 1 : (selection.after ?? 0);
  return {
    selection: { ...selection, workspaceId: only },
    changes: await parts.changes.between(projectId, only, after),
  };
}

/** Everything since a checkpoint: by its time, and the later of two starts. */
async function sinceOf(
  { sessions }: UndoParts,
  projectId: string,
  conditions: UndoSelection,
  { sessionId, sequence }: { sessionId: string; sequence: number },
): Promise<UndoSelection> {
  const { createdAt } = await sessions.getCheckpoint(projectId, sessionId, sequence);
  const { since } = conditions;
  return { ...conditions, since: since !== undefined && Date.parse(since) > Date.parse(createdAt) ? since : createdAt };
}

/** Changes, and workspaces of sessions, that tell which workspace is meant. */
async function candidates(
  parts: UndoParts,
  projectId: string,
  selection: UndoSelection,
  checkpointOf: string | undefined,
): Promise<{ found: WorkspaceChange[]; elsewhere: string[] }> {
  const { sessionIds = [], undoId, callIds, agents } = selection;
  const found: WorkspaceChange[] = [];
  const elsewhere: string[] = [];
  for (const sessionId of checkpointOf === undefined ? sessionIds : [...sessionIds, checkpointOf]) {
    const session = await parts.sessions.get(projectId, sessionId, { includeDeleted: true });
    if (!session) throw new SignalboxError('SESSION_NOT_FOUND', { id: sessionId });
    const place = placeOf(session);
    if (place !== null) elsewhere.push(place);
  }
  if (undoId !== undefined) {
    if (!(await getUndo(parts.database, projectId, undoId))) throw new SignalboxError('UNDO_NOT_FOUND', { id: undoId });
    found.push(...(await listed(parts, projectId, 'undoId', [undoId])));
  }
  found.push(...(await listed(parts, projectId, 'id', namedChanges(selection))));
  if (elsewhere.length === 0) {
    found.push(...(await listed(parts, projectId, 'callId', callIds ?? [])));
    found.push(...(await listed(parts, projectId, 'actor', agents ?? [])));
  }
  return { found, elsewhere };
}

async function listed(
  { changes }: UndoParts,
  projectId: string,
  field: string,
  values: readonly string[],
): Promise<WorkspaceChange[]> {
  const found: WorkspaceChange[] = [];
  for (let from = 0; from < values.length; from += AT_ONCE) {
    const filters = [{ field, operator: 'in' as const, value: values.slice(from, from + AT_ONCE) }];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await changes.list(projectId, {
        filters,
        pageSize: AT_ONCE,
        ...(cursor === undefined ? {} : { cursor }),
      });
      found.push(...page.items);
      cursor = page.nextCursor;
    }
  }
  return found;
}
