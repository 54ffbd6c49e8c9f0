import type { StreamEvent } from '@signalbox/client';
import { useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import { LiveConnection, type LiveState } from './live-connection.ts';
import { RefreshRate } from './refresh-rate.ts';
import { TOUCHED } from './touched.ts';

/** How long a tab may be hidden before it lets go of its connection. */
const REST_AFTER_MS = 20_000;
/** Answers of one kind are read again at most this often while things change. */
const REFRESH_MS = 400;

const LiveContext = createContext<LiveConnection | null>(null);

/** Holds the tab's event stream and keeps the answers about the fleet current with it. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const { client, project } = useApi();
  const queries = useQueryClient();
  const connection = useMemo(() => new LiveConnection(client), [client]);

  useEffect(() => {
    connection.start();
    const rest = restWhileHidden(connection);
    return () => {
      rest();
      connection.stop();
    };
  }, [connection]);

  useEffect(() => {
    const rate = new RefreshRate(REFRESH_MS, (name) => queries.invalidateQueries({ queryKey: [project, name] }));
    const stop = connection.onEvent((event) => {
      // Whatever happened while nobody listened is not told again: everything shown is read afresh.
      if (event.type === 'reset' || (event.type === 'open' && !event.resumed)) void queries.invalidateQueries();
      // Answers that failed while the server was away are asked for again, whether or not something changed.
      if (event.type === 'open' && event.resumed) {
        void queries.invalidateQueries({ predicate: (query) => query.state.status === 'error' });
        rate.changed('fleet');
      }
      if (event.type !== 'feed') return;
      for (const name of TOUCHED[event.topic] ?? []) rate.changed(name);
      if (event.topic === 'project') void queries.invalidateQueries({ queryKey: keys.projects() });
    });
    return () => {
      stop();
      rate.stop();
    };
  }, [connection, project, queries]);

  return <LiveContext value={connection}>{children}</LiveContext>;
}

function restWhileHidden(connection: LiveConnection): () => void {
  let timer: ReturnType<typeof setTimeout> | null = null;
  const look = () => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (document.visibilityState === 'hidden') timer = setTimeout(() => connection.rest(true), REST_AFTER_MS);
    else connection.rest(false);
  };
  document.addEventListener('visibilitychange', look);
  look();
  return () => {
    if (timer !== null) clearTimeout(timer);
    document.removeEventListener('visibilitychange', look);
  };
}

function useConnection(): LiveConnection {
  const connection = useContext(LiveContext);
  if (connection === null) throw new Error('the live connection is used outside of LiveProvider');
  return connection;
}

export function useLiveState(): LiveState {
  const connection = useConnection();
  return useSyncExternalStore(
    (listener) => connection.onState(listener),
    () => connection.state,
  );
}

/** Calls the newest `listener` with every event of the stream. */
export function useLiveEvents(listener: (event: StreamEvent) => void): void {
  const connection = useConnection();
  const newest = useRef(listener);
  useEffect(() => {
    newest.current = listener;
  });
  useEffect(() => connection.onEvent((event) => newest.current(event)), [connection]);
}

/** Turns the stream to one session while the calling view is shown. */
export function useLiveFocus(sessionId: string): void {
  const connection = useConnection();
  useEffect(() => {
    connection.focus(sessionId);
    return () => connection.focus(null);
  }, [connection, sessionId]);
}
