import type { JournalEvent } from '@signalbox/client';
import { useQueries, useQuery } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import { useApi } from '../api/api-context.tsx';
import { keepPrevious } from '../api/keep-previous.ts';
import { keys } from '../api/keys.ts';
import { useJournal } from '../session/use-journal.ts';
import { BLOCK, blocksAround } from './moments.ts';

const CHANGES_ONLY = ['file_change'] as const;

/** The state right after an event. It never changes. */
export function useStateAt(sessionId: string, seq: number) {
  const { client, project } = useApi();
  return useQuery({
    queryKey: [...keys.replay(project, sessionId), 'state', seq],
    queryFn: ({ signal }) => client.recordings.stateOf(sessionId, seq, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: keepPrevious(keys.replay(project, sessionId)),
  });
}

/** Events around one, as far as they have been read. */
export function useEventsNear(sessionId: string, seq: number, last: number) {
  const { client, project } = useApi();
  const blocks = useQueries({
    queries: blocksAround(seq, last).map((block) => {
      // The last block is read again as it grows; full ones stay.
      const size = Math.min(BLOCK, Math.max(0, last - block * BLOCK));
      return {
        queryKey: [...keys.replay(project, sessionId), 'events', block, size],
        queryFn: ({ signal }: { signal: AbortSignal }) =>
          client.journal.read(sessionId, { afterSeq: block * BLOCK, pageSize: BLOCK, order: 'asc' }, { signal }),
        staleTime: Number.POSITIVE_INFINITY,
        enabled: size > 0,
      };
    }),
  });
  const events: JournalEvent[] = blocks.flatMap(({ data }) => data?.items ?? []);
  const error = blocks.find((block) => block.error !== null)?.error ?? null;
  return { events, error, pending: blocks.some(({ isLoading }) => isLoading) };
}

/** All changes of files that a session's journal tells of up to an event. */
export function useChangesUntil(sessionId: string, seq: number) {
  const journal = useJournal(sessionId, CHANGES_ONLY);
  const { events, loaded, hasOlder, loadingOlder, error, loadOlder } = journal;
  useEffect(() => {
    if (loaded && hasOlder && !loadingOlder && error === null) void loadOlder();
  });
  const changes = useMemo(() => events.filter((event) => event.seq <= seq), [events, seq]);
  return { changes, complete: loaded && !hasOlder, error };
}
