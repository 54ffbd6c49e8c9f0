import { type Client, createClient } from '@signalbox/client';
import { useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef } from 'react';
import { useCredentials } from './credentials.ts';

/** What every view needs to ask the server: the client, bound to a project and a key, and the root of its query keys. */
export interface Api {
  client: Client;
  /** Slug of the project shown; null for the key's own, or `default`. */
  project: string | null;
}

const ApiContext = createContext<Api | null>(null);

/** Makes a client for the project; another project or key makes another one, so that nothing of the old is shown. */
export function ApiProvider({ project, children }: { project: string | null; children: ReactNode }) {
  const token = useCredentials();
  const api = useMemo<Api>(
    () => ({ client: createClient({ baseUrl: window.location.origin, project, token }), project }),
    [project, token],
  );
  // Answers given to another key, or to none, are nobody's now. After the views have taken up the new client.
  const queries = useQueryClient();
  const answeredFor = useRef(token);
  useEffect(() => {
    if (answeredFor.current === token) return;
    answeredFor.current = token;
    void queries.resetQueries();
  }, [queries, token]);
  return <ApiContext value={api}>{children}</ApiContext>;
}

export function useApi(): Api {
  const api = useContext(ApiContext);
  if (api === null) throw new Error('useApi is called outside of ApiProvider');
  return api;
}
