import type { PreviewUndo, Undo } from '@signalbox/client';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import { type Pages, usePages } from '../api/use-pages.ts';
import { isOver } from './undo-looks.ts';

const PAGE_SIZE = 50;
/** Steps are told of as events; this is for what happens between two of them. */
const PROGRESS_MS = 1_000;
/** A preview is made of the files as they are at the time: it is not kept for long. */
const KEPT_MS = 30_000;

/** What an undo would do now; while another request is computed, the answer to the one before. */
export function useUndoPreview(request: PreviewUndo | null) {
  const { client, project } = useApi();
  return useQuery({
    queryKey: [...keys.undos(project), 'preview', request],
    queryFn: ({ signal }) => client.undos.preview(request as PreviewUndo, { signal }),
    enabled: request !== null,
    placeholderData: keepPreviousData,
    gcTime: KEPT_MS,
    refetchOnWindowFocus: false,
  });
}

export function useUndo(id: string) {
  const { client, project } = useApi();
  return useQuery({
    queryKey: [...keys.undos(project), 'one', id],
    queryFn: ({ signal }) => client.undos.get(id, { signal }),
    refetchInterval: ({ state }) => (state.data !== undefined && !isOver(state.data) ? PROGRESS_MS : false),
  });
}

/** Undos of the project, the latest first. */
export function useUndos(): Pages<Undo> {
  const { client, project } = useApi();
  return usePages({
    queryKey: [...keys.undos(project), 'list'],
    read: (page, signal) => client.undos.list({ page, pageSize: PAGE_SIZE }, { signal }),
  });
}
