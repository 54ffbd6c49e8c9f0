import { BROWSER_SESSION_SECONDS, type BrowserSessions } from '@signalbox/core';
import { bearerOf } from '../auth/authenticator.ts';
import { cookieSecret, csrfToken, sessionCookie } from '../auth/session-cookie.ts';
import * as contract from '../contract/browser-sessions.ts';
import { CookieAnswer } from '../http/cookie-answer.ts';
import type { Serve } from '../http/serve.ts';
import { numberedPage } from './numbered-page.ts';

export function browserSessionRoutes(serve: Serve, sessions: BrowserSessions): void {
  serve(contract.getIdentity, async (_given, { principal, request }) => {
    const { actor, role, project, browserSessionId } = principal;
    const secret = browserSessionId === null ? null : cookieSecret(request.headers);
    return { actor, role, project, browserSessionId, csrfToken: secret === null ? null : csrfToken(secret) };
  });
  serve(contract.openBrowserSession, async (_given, { projectId, request }) => {
    const { headers } = request;
    const shown = bearerOf(headers.authorization) ?? '';
    const { session, secret } = await sessions.open(projectId, shown, cookieSecret(headers));
    return new CookieAnswer(sessionCookie(headers, secret, BROWSER_SESSION_SECONDS), session);
  });
  serve(contract.listBrowserSessions, ({ query }, { projectId }) =>
    numberedPage(query, (page, pageSize) => sessions.list(projectId, page, pageSize)),
  );
  serve(contract.signOut, async (_given, { projectId, principal, actor, request }) => {
    if (principal.browserSessionId !== null) await sessions.end(projectId, principal.browserSessionId, actor);
    return new CookieAnswer(sessionCookie(request.headers, null, 0), undefined);
  });
  serve(contract.endBrowserSession, ({ params }, { projectId, actor }) => sessions.end(projectId, params.id, actor));
}
