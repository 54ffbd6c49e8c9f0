import { useThrottledValue } from '@mantine/hooks';
import { ApiError, type FileContent } from '@signalbox/client';
import { useQuery } from '@tanstack/react-query';
import { useApi } from '../api/api-context.tsx';
import { keepPrevious } from '../api/keep-previous.ts';
import { keys } from '../api/keys.ts';

/** While somebody drags through a session, files are asked for this often; what is overtaken is given up. */
const ASK_MS = 200;

/** The files of the workspace at an event. They never change. */
export function useFilesAt(sessionId: string, seq: number) {
  const { client, project } = useApi();
  const asked = useThrottledValue(seq, ASK_MS);
  return useQuery({
    queryKey: [...keys.replay(project, sessionId), 'files', asked],
    queryFn: ({ signal }) => client.recordings.filesOf(sessionId, asked, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
    // A list of ten thousand files each: only the latest few are worth their place.
    gcTime: 10_000,
    placeholderData: keepPrevious(keys.replay(project, sessionId)),
  });
}

/** What was in one of them; the same at all moments of one capture. Nothing while no path is named. */
export function useFileAt(sessionId: string, at: { seq: number; captureId: string }, path: string | null) {
  const { client, project } = useApi();
  return useQuery({
    queryKey: [...keys.replay(project, sessionId), 'file', at.captureId, path],
    queryFn: ({ signal }) => client.recordings.fileOf(sessionId, path ?? '', at.seq, { signal }),
    enabled: path !== null,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** What is in a file now; null where there is none. */
export function useFileNow(workspaceId: string, path: string | null) {
  const { client, project } = useApi();
  return useQuery({
    queryKey: [...keys.workspaces(project), 'file', workspaceId, path],
    queryFn: ({ signal }): Promise<FileContent | null> =>
      client.workspaces.readFile(workspaceId, path ?? '', { signal }).catch((error: unknown) => {
        if (ApiError.is(error) && error.code === 'FILE_NOT_FOUND') return null;
        throw error;
      }),
    enabled: path !== null,
    staleTime: 0,
  });
}
