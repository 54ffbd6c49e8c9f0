import { type Client, createClient } from '@signalbox/client';
import { useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef } from 'react';
import { useSignIns } from './credentials.ts';

/** What every view needs to ask the server: the client, bound to a project and to who signed in, and the root of its query keys. */
export interface Api {
  client: Client;
  /** Slug of the project shown; null for the key's own, or `default`. */
  project: string | null;
  /** Rises with each sign-in and sign-out in this tab: what a client knows of the cookie is old then. */
  signIns: number;
}

const ApiContext = createContext<Api | null>(null);

/** Makes a client for the project; another project or sign-in makes another one, so that nothing of the old is shown. */
export function ApiProvider({ project, children }: { project: string | null; children: ReactNode }) {
  const signIns = useSignIns();
  const api = useMemo<Api>(
    () => ({ client: createClient({ baseUrl: window.location.origin, project, byCookie: true }), project, signIns }),
    [project, signIns],
  );
  // Answers given to somebody else, or to nobody, are nobody's now. After the views have taken up the new client.
  const queries = useQueryClient();
  const answeredFor = useRef(signIns);
  useEffect(() => {
    if (answeredFor.current === signIns) return;
    answeredFor.current = signIns;
    void queries.resetQueries();
  }, [queries, signIns]);
  return <ApiContext value={api}>{children}</ApiContext>;
}

export function useApi(): Api {
  const api = useContext(ApiContext);
  if (api === null) throw new Error('useApi is called outside of ApiProvider');
  return api;
}
