import type { Lock } from '@signalbox/client';
import { useQuery } from '@tanstack/react-query';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import { type Pages, usePages } from '../api/use-pages.ts';
import { type LockFilters, lockQueryOf } from './lock-filters.ts';

/** Renewals are not told of as events, and waiters that stop asking leave without a word. */
const RENEWALS_MS = 3_000;
const PAGE_SIZE = 100;

/** Locks that are held in the project, kept current. */
export function useLocks(filters: LockFilters): Pages<Lock> {
  const { client, project } = useApi();
  const query = lockQueryOf(filters);
  return usePages({
    queryKey: [...keys.locks(project), 'list', query],
    read: (page, signal) => client.locks.list({ ...query, page, pageSize: PAGE_SIZE }, { signal }),
    everyMs: RENEWALS_MS,
  });
}

export function useLockStats() {
  const { client, project } = useApi();
  return useQuery({
    queryKey: [...keys.locks(project), 'stats'],
    queryFn: ({ signal }) => client.locks.stats({ signal }),
    refetchInterval: RENEWALS_MS,
  });
}

/** Holders and waiters of one resource, with those of what stands above and below it. */
export function useLockInfo(resource: string) {
  const { client, project } = useApi();
  return useQuery({
    queryKey: [...keys.locks(project), 'info', resource],
    queryFn: ({ signal }) => client.locks.info(resource, { signal }),
    // Of one that is free there is nothing to be renewed; that it was acquired comes as an event.
    refetchInterval: ({ state }) => (state.error === null ? RENEWALS_MS : false),
  });
}
