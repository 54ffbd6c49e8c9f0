import { FEED_TOPICS, uuidSchema } from '@signalbox/core';
import { z } from 'zod';
import { operation } from './operation.ts';
import { queryList } from './query-values.ts';

export const streamEvents = operation({
  id: 'streamEvents',
  method: 'GET',
  path: '/events',
  tag: 'events',
  summary: 'Changes as they happen (server-sent events)',
  description:
    'First a `hello` with the present position, or what was missed since `Last-Event-ID`. Then one event for each change: `id` is `epoch:position`, `event` the topic, `data` holds {position, topic, at, payload}. A position that cannot be gone back to is answered with `reset`: read anew what is shown, and go on from its id. With `sessionId`, journal changes carry their events, and streamed text comes as `delta` (without id). A comment every 15 s keeps the connection alive.',
  role: 'viewer',
  query: z.strictObject({
    topics: queryList(z.enum(FEED_TOPICS)).optional(),
    sessionId: uuidSchema.optional(),
  }),
  answer: { status: 200, about: 'The stream.', mediaType: 'text/event-stream' },
});
