import type { ApiKey } from '@signalbox/client';
import { useQueryClient } from '@tanstack/react-query';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import { type Pages, usePages } from '../api/use-pages.ts';

const PAGE_SIZE = 100;
/** The feed tells nothing of keys: their uses would flood it. */
const LOOK_MS = 15_000;

/** The keys of the project. */
export function useKeys(): Pages<ApiKey> {
  const { client, project } = useApi();
  return usePages({
    queryKey: keys.apiKeys(project),
    read: (page, signal) => client.keys.list({ page, pageSize: PAGE_SIZE }, { signal }),
    everyMs: LOOK_MS,
  });
}

export function useKeysChanged(): () => void {
  const { project } = useApi();
  const queries = useQueryClient();
  return () => void queries.invalidateQueries({ queryKey: keys.apiKeys(project) });
}
