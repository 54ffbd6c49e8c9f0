import { SignalboxError } from './platform/errors/index.ts';
import { placeOf, type Sessions } from './sessions/index.ts';
import type { WorkPort } from './topology/index.ts';
import type { WorkspaceChanges, Workspaces } from './workspaces/index.ts';

/** Tells the service map where sessions work, and what they changed there. */
export function workPort(rooms: {
  sessions: Pick<Sessions, 'get'>;
  workspaces: Pick<Workspaces, 'get'>;
  changes: Pick<WorkspaceChanges, 'forSession'>;
}): WorkPort {
  const root = async (projectId: string, workspaceId: string) =>
    (await rooms.workspaces.get(projectId, workspaceId)).path;
  return {
    root,
    ofSession: async (projectId, sessionId) => {
      const session = await rooms.sessions.get(projectId, sessionId);
      if (!session) throw new SignalboxError('SESSION_NOT_FOUND', { id: sessionId });
      const place = placeOf(session);
      const changes = await rooms.changes.forSession(projectId, sessionId);
      return {
        // Rules of a workspace hold in its work trees too.
        workspaceIds: [session.workspaceId, place].flatMap((id) => id ?? []),
        root: place === null ? null : await root(projectId, place),
        paths: changes.flatMap(({ path, oldPath }) => (oldPath === null ? [path] : [path, oldPath])),
      };
    },
  };
}
