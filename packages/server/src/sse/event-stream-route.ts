import { type Core, parseCursor, SignalboxError } from '@signalbox/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { streamEvents } from '../contract/events.ts';
import type { Given } from '../contract/operation.ts';
import { HttpError } from '../http/error-table.ts';
import { SECURITY_HEADERS } from '../http/security-headers.ts';
import { contextOf, givenOf, type RequestContext, routeOf, type ServeParts } from '../http/serve-operation.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { EventStream } from './event-stream.ts';
import { StreamWriter } from './stream-writer.ts';

export interface EventStreams {
  /** Ends all streams; their readers connect again, to whoever answers then. */
  close(): void;
}

/** What a place of no known form is read as: one of another database, which is answered with a reset. */
const NOWHERE = { epoch: '00000000-0000-0000-0000-000000000000', position: 0 };

/** How often it is looked whether a reader may still read, in milliseconds: keys are revoked, tokens and sign-ins end. */
const LOOK_MS = 5_000;

export interface EventStreamSettings {
  metrics: Metrics;
  limit: number;
  /** False once whoever made the request would be refused. */
  admits: (request: FastifyRequest) => Promise<boolean>;
  onError: (error: unknown) => void;
}

/** Adds `GET /events`. */
export function eventStreamRoute(
  parts: ServeParts,
  core: Pick<Core, 'feed' | 'journal' | 'sessions' | 'bus' | 'clock'>,
  settings: EventStreamSettings,
): EventStreams {
  const open = new Set<StreamWriter>();
  let taken = 0;
  const take = (change: 1 | -1) => {
    taken += change;
    settings.metrics.eventStreams.set(taken);
  };

  /** @throws PROJECT_NOT_FOUND, SESSION_NOT_FOUND, DATABASE_UNAVAILABLE */
  const prepare = async ({ query }: Given<typeof streamEvents>, { projectId, request }: RequestContext) => {
    const { sessionId = null } = query;
    if (sessionId !== null && (await core.sessions.get(projectId, sessionId, { includeDeleted: true })) === null) {
      throw new SignalboxError('SESSION_NOT_FOUND', { id: sessionId });
    }
    const last = request.headers['last-event-id'];
    const after = typeof last === 'string' && last !== '' ? (parseCursor(last) ?? NOWHERE) : null;
    return core.feed.subscribe(projectId, after);
  };

  const stream = async (given: Given<typeof streamEvents>, context: RequestContext, reply: FastifyReply) => {
    const subscription = await prepare(given, context);
    reply.hijack();
    reply.raw.writeHead(200, {
      ...SECURITY_HEADERS,
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      // Proxies that buffer would hold events back.
      'x-accel-buffering': 'no',
      traceparent: String(reply.getHeader('traceparent')),
    });
    reply.raw.flushHeaders();
    const writer = new StreamWriter(reply.raw);
    open.add(writer);
    const { sessionId = null, topics = null } = given.query;
    const { journal, bus, clock } = core;
    const { projectId, request } = context;
    const stopLooking = clock.every(LOOK_MS, () => {
      settings.admits(request).then((admitted) => {
        if (!admitted) writer.end();
      }, settings.onError);
    });
    const onSent = (topic: string) => settings.metrics.eventsSent.inc({ topic });
    new EventStream({ projectId, filter: { topics, sessionId }, subscription, writer, journal, bus, clock, onSent })
      .run()
      .catch(settings.onError)
      .finally(() => {
        stopLooking();
        open.delete(writer);
        take(-1);
      });
  };

  parts.app.route({
    method: streamEvents.method,
    url: routeOf(streamEvents),
    // A HEAD of it would open a stream that nobody reads.
    exposeHeadRoute: false,
    config: { operation: streamEvents },
    handler: async (request, reply) => {
      const context = await contextOf(parts, streamEvents, request);
      const given = givenOf(streamEvents, request) as Given<typeof streamEvents>;
      // Taken before anything is waited for, so that many at once cannot all find room.
      if (taken >= settings.limit) throw new HttpError('TOO_MANY_STREAMS', { limit: settings.limit });
      take(1);
      try {
        await stream(given, context, reply);
      } catch (error) {
        take(-1);
        throw error;
      }
    },
  });
  return {
    close: () => {
      for (const writer of open) writer.end();
    },
  };
}
