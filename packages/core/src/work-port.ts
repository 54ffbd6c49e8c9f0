import type { Approvals } from './approvals/index.ts';
import type { Conflicts } from './locks/index.ts';
import { SignalboxError } from './platform/errors/index.ts';
import { placeOf, type Sessions } from './sessions/index.ts';
import type { WorkPort } from './topology/index.ts';
import type { WorkspaceChange, WorkspaceChanges, Workspaces } from './workspaces/index.ts';

/** The last approvals of a session that are looked at: older ones are of calls that were over long before. */
const MOST_APPROVALS = 100;

/** Tells the service map where sessions work, and what they changed there. */
export function workPort(rooms: {
  sessions: Pick<Sessions, 'get'>;
  workspaces: Pick<Workspaces, 'get'>;
  changes: Pick<WorkspaceChanges, 'forSession'>;
  approvals: Pick<Approvals, 'list'>;
  conflicts: Pick<Conflicts, 'some'>;
}): WorkPort {
  const root = async (projectId: string, workspaceId: string) =>
    (await rooms.workspaces.get(projectId, workspaceId)).path;
  return {
    root,
    conflicts: (projectId, ids) => rooms.conflicts.some(projectId, ids),
    ofSession: async (projectId, sessionId) => {
      const session = await rooms.sessions.get(projectId, sessionId);
      if (!session) throw new SignalboxError('SESSION_NOT_FOUND', { id: sessionId });
      const place = placeOf(session);
      const changes = await rooms.changes.forSession(projectId, sessionId);
      return {
        // Rules of a workspace hold in its work trees too.
        workspaceIds: [session.workspaceId, place].flatMap((id) => id ?? []),
        root: place === null ? null : await root(projectId, place),
        paths: pathsOf(changes),
        unseen: pathsOf(await unseenOf(rooms.approvals, projectId, sessionId, changes)),
      };
    },
  };
}

function pathsOf(changes: readonly WorkspaceChange[]): string[] {
  return changes.flatMap(({ path, oldPath }) => (oldPath === null ? [path] : [path, oldPath]));
}

/**
 * What a session changed by calls that did not name it before, such as those of a shell, and that nobody has let pass: neither the call
 * itself, nor a later one with which it was shown.
 */
async function unseenOf(
  approvals: Pick<Approvals, 'list'>,
  projectId: string,
  sessionId: string,
  changes: readonly WorkspaceChange[],
): Promise<WorkspaceChange[]> {
  const unnamed = changes.filter(({ attribution }) => attribution === 'window');
  if (unnamed.length === 0) return [];
  const { items } = await approvals.list(projectId, {
    filters: [
      { field: 'sessionId', operator: 'eq', value: sessionId },
      { field: 'status', operator: 'eq', value: 'approved' },
    ],
    pageSize: MOST_APPROVALS,
  });
  const passed = new Set(items.flatMap(({ callId }) => callId ?? []));
  // The last requested comes first.
  const shown = items[0]?.requestedAt ?? '';
  return unnamed.filter(({ callId, occurredAt }) => occurredAt > shown && !(callId !== null && passed.has(callId)));
}
