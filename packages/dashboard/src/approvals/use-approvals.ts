import type { Approval, ListQuery } from '@signalbox/client';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import { type Pages, usePages } from '../api/use-pages.ts';
import type { Rows } from '../list/rows.ts';
import { PAGE_SIZE, useRows } from '../list/use-rows.ts';

/** The page of a session listens to that session only, so that what waits elsewhere is asked for now and then. */
const PENDING_MS = 15_000;

/** The approvals that a query names, a hundred at a time. */
export function useApprovalRows(query: ListQuery): Rows<Approval> {
  const { client, project } = useApi();
  return useRows<Approval>({
    listKey: keys.approvalList(project),
    pageKey: (page) => keys.approvalPage(project, query, page),
    read: (page, signal) => client.approvals.list({ ...query, page, pageSize: PAGE_SIZE }, { signal }),
  });
}

/** How many wait; undefined until that is known. */
export function usePendingCount(): number | undefined {
  const { client, project } = useApi();
  const { data } = useQuery({
    queryKey: [...keys.approvals(project), 'pending'],
    queryFn: ({ signal }) => client.approvals.list({ status: 'pending', pageSize: 1 }, { signal }),
    refetchInterval: PENDING_MS,
  });
  return data?.total;
}

/** What a session waits for people for. */
export function useHeldCalls(sessionId: string): Pages<Approval> {
  const { client, project } = useApi();
  return usePages({
    queryKey: [...keys.approvals(project), 'of-session', sessionId],
    read: (page, signal) =>
      client.approvals.list(
        { status: 'pending', sessionId, sortBy: 'expiresAt', sortOrder: 'asc', page, pageSize: 10 },
        { signal },
      ),
  });
}

/** One approval with its votes and comments, kept current by the feed. */
export function useApproval(id: string) {
  const { client, project } = useApi();
  return useQuery({
    queryKey: keys.approval(project, id),
    queryFn: ({ signal }) => client.approvals.get(id, { signal }),
  });
}

/** Has everything that tells of approvals read again. */
export function useApprovalsChanged(): () => void {
  const { project } = useApi();
  const queries = useQueryClient();
  return () => {
    void queries.invalidateQueries({ queryKey: keys.approvals(project) });
    void queries.invalidateQueries({ queryKey: keys.approvalList(project) });
  };
}
