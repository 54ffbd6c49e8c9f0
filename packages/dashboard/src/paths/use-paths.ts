import type { Conflict, PathClaim } from '@signalbox/client';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import { type Pages, usePages } from '../api/use-pages.ts';

const PAGE_SIZE = 100;
/** The stream of a session's page is of that session, and claims are told of by workspace. */
const CLAIMS_MS = 3_000;

/** Whose claims or conflicts are asked for; all of the project's where neither is named. */
export interface PathScope {
  workspaceId?: string | undefined;
  sessionId?: string | undefined;
}

/** Claims to paths, the oldest request first, kept current. */
export function useClaims({ workspaceId, sessionId }: PathScope): Pages<PathClaim> {
  const { client, project } = useApi();
  return usePages({
    queryKey: [...keys.paths(project), 'claims', workspaceId, sessionId],
    read: (page, signal) => client.pathClaims.list({ workspaceId, sessionId, page, pageSize: PAGE_SIZE }, { signal }),
    everyMs: CLAIMS_MS,
  });
}

/** Conflicts, the last seen first, kept current; only those that nobody has acknowledged where `open` is set. */
export function useConflicts({ workspaceId, sessionId }: PathScope, open: boolean): Pages<Conflict> {
  const { client, project } = useApi();
  return usePages({
    queryKey: [...keys.conflicts(project), workspaceId, sessionId, open],
    read: (page, signal) => {
      const query = { workspaceId, acknowledgedAt: open ? 'null' : undefined, page, pageSize: PAGE_SIZE };
      return sessionId === undefined
        ? client.conflicts.list(query, { signal })
        : client.conflicts.ofSession(sessionId, query, { signal });
    },
  });
}
