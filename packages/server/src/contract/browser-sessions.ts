import { browserSessionSchema, roleSchema, uuidSchema } from '@signalbox/core';
import { z } from 'zod';
import { pageOf, pageQuerySchema } from './lists.ts';
import { operation } from './operation.ts';

const tag = 'keys';

export const browserSessionPageSchema = pageOf(browserSessionSchema);

/** Who asks. `browserSessionId` and `csrfToken` are null unless the request came with the cookie of a browser session. */
export const identitySchema = z.object({
  actor: z.string(),
  role: roleSchema,
  /** Slug or id of the project that is asked about. */
  project: z.string(),
  browserSessionId: z.string().nullable(),
  csrfToken: z.string().nullable(),
});

export const getIdentity = operation({
  id: 'getIdentity',
  method: 'GET',
  path: '/identity',
  tag,
  summary: 'Tell who is asking',
  description:
    'A page that is signed in by cookie sends `csrfToken` as `X-Signalbox-CSRF` with whatever changes something.',
  role: 'viewer',
  scope: 'node',
  verbatim: true,
  answer: { status: 200, about: 'Who the caller is, and as what it acts.', schema: identitySchema },
});

export const openBrowserSession = operation({
  id: 'openBrowserSession',
  method: 'POST',
  path: '/browser-sessions',
  tag,
  summary: 'Sign a browser in',
  description:
    'Send an API key as bearer token; the answer sets a cookie that stands for it. Over after 7 days, after 12 hours without a request, when it is ended, and when the key is revoked or its secret works no more.',
  role: 'viewer',
  answer: {
    status: 201,
    about: 'The browser session; its secret is in the cookie alone.',
    schema: browserSessionSchema,
  },
});

export const listBrowserSessions = operation({
  id: 'listBrowserSessions',
  method: 'GET',
  path: '/browser-sessions',
  tag,
  summary: 'List who is signed in to the project',
  role: 'admin',
  query: pageQuerySchema,
  answer: { status: 200, about: 'A page of live browser sessions, oldest first.', schema: browserSessionPageSchema },
});

export const signOut = operation({
  id: 'signOut',
  method: 'DELETE',
  path: '/browser-sessions/current',
  tag,
  summary: 'Sign this browser out',
  role: 'viewer',
  answer: { status: 204, about: 'Its cookie works no more, here or anywhere.' },
});

export const endBrowserSession = operation({
  id: 'endBrowserSession',
  method: 'DELETE',
  path: '/browser-sessions/{id}',
  tag,
  summary: 'Sign somebody out',
  role: 'admin',
  params: z.strictObject({ id: uuidSchema }),
  answer: { status: 204, about: 'Its cookie works no more.' },
});
