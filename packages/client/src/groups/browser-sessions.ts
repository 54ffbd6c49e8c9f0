import { answerOf, type CallOptions, succeeded, type Transport } from '../transport/transport.ts';
import type { BrowserSession, Identity, ListQuery, Page } from '../types.ts';

/** Who is asking, and who is signed in with a browser. */
export function browserSessionMethods({ http }: Transport) {
  return {
    identity: (options: CallOptions = {}): Promise<Identity> => answerOf(http.GET('/api/v1/identity', { ...options })),
    /** In a page of the server: signs the browser in with the client's key, which need not be kept then. */
    open: (options: CallOptions = {}): Promise<BrowserSession> =>
      answerOf(http.POST('/api/v1/browser-sessions', { ...options })),
    /** In a page of the server: signs the browser out, in all its tabs. */
    signOut: (options: CallOptions = {}): Promise<void> =>
      succeeded(http.DELETE('/api/v1/browser-sessions/current', { ...options })),
    list: (query: ListQuery = {}, options: CallOptions = {}): Promise<Page<BrowserSession>> =>
      answerOf(http.GET('/api/v1/browser-sessions', { params: { query }, ...options })),
    /** Signs somebody out. */
    end: (id: string, options: CallOptions = {}): Promise<void> =>
      succeeded(http.DELETE('/api/v1/browser-sessions/{id}', { params: { path: { id } }, ...options })),
  };
}
