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
 *   SESSION_NOT_FOUND, WORKSPACE_NOT_FOUND, ROLLBACK_NOT_FOUND, ROLLBACK_EXPIRED, UNDO_ENTITIES_UNKNOWN
 */
export async function lookUpSelection(
  parts: UndoParts,
  projectId: string,
  input: UndoSelection,
): Promise<{ selection: ResolvedSelection; changes: WorkspaceChange[] }> {
  const { workspaceId, ...given } = input;
  if (Object.keys(given).length === 0) throw new SignalboxError('UNDO_SELECTION_EMPTY');
  const { selection, about } = await withStarts(parts, projectId, given);
  const { found, elsewhere } = await candidates(parts, projectId, selection, given.sinceCheckpoint?.sessionId);
  const workspaces = new Set([...found.map((change) => change.workspaceId), ...elsewhere, ...about]);
  if (workspaceId === undefined && workspaces.size > 1) {
    throw new SignalboxError('UNDO_SPANS_WORKSPACES', { workspaces: [...workspaces] });
  }
  const only = workspaceId ?? [...workspaces][0];
  if (only === undefined) throw new SignalboxError('UNDO_NOTHING_SELECTED', { leftOut: 0 });
  // A place in one workspace's chain says nothing of another's.
  const elsewhereThanPoint = about.some((workspace) => workspace !== only);
  if (elsewhereThanPoint) throw new SignalboxError('UNDO_SPANS_WORKSPACES', { workspaces: [...about, only] });
  await parts.workspaces.get(projectId, only);
  const positions = found.filter((change) => change.workspaceId === only).map(({ position }) => position);
  // With sessions or names, nothing older than the oldest of theirs is meant; a session's candidates may be.
  const bounded = positions.length > 0 && selection.sessionIds === undefined;
  const after = bounded ? Math.min(...positions) - 1 : (selection.after ?? 0);
  const entityPaths = await pathsOf(parts, projectId, only, selection.entities);
  return {
    selection: { ...selection, workspaceId: only, ...(entityPaths && { entityPaths }) },
    changes: await parts.changes.between(projectId, only, after),
  };
}

/** With the checkpoint and the point that it names looked up: of several starts the latest holds. */
async function withStarts(
  { sessions, pointMoments }: UndoParts,
  projectId: string,
  { sinceCheckpoint, sincePoint, ...conditions }: UndoSelection,
): Promise<{ selection: UndoSelection; about: string[] }> {
  const selection: UndoSelection = { ...conditions };
  const about: string[] = [];
  if (sinceCheckpoint) {
    const { sessionId, sequence } = sinceCheckpoint;
    selection.since = later(selection.since, (await sessions.getCheckpoint(projectId, sessionId, sequence)).createdAt);
  }
  if (sincePoint !== undefined) {
    if (!pointMoments) throw new SignalboxError('ROLLBACK_NOT_FOUND', { id: sincePoint });
    const { workspaceId, position, at } = await pointMoments(projectId, sincePoint);
    if (workspaceId !== null) about.push(workspaceId);
    if (position === null) selection.since = later(selection.since, at);
    else selection.after = Math.max(selection.after ?? 0, position);
  }
  return { selection, about };
}

function later(since: string | undefined, other: string): string {
  return since !== undefined && Date.parse(since) > Date.parse(other) ? since : other;
}

/** The files of all these entities; undefined where none are named. @throws UNDO_ENTITIES_UNKNOWN */
async function pathsOf(
  { entityFiles }: UndoParts,
  projectId: string,
  workspaceId: string,
  entities: readonly string[] | undefined,
): Promise<ReadonlySet<string> | undefined> {
  if (!entities) return undefined;
  const files = await entityFiles?.filesOf(projectId, workspaceId, entities);
  const unknown = entities.filter((id) => (files?.get(id) ?? []).length === 0);
  if (!files || unknown.length > 0)
    throw new SignalboxError('UNDO_ENTITIES_UNKNOWN', { entities: unknown, workspaceId });
  return new Set(entities.flatMap((id) => files.get(id) ?? []));
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
