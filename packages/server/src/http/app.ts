import { type Configuration, type Ids, redactor } from '@signalbox/core';
import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import type { Authenticator } from '../auth/authenticator.ts';
import type { Principal } from '../auth/principal.ts';
import { cookieSecret, guardCsrf } from '../auth/session-cookie.ts';
import { OPERATIONS } from '../contract/api.ts';
import { API_BASE } from '../openapi/document.ts';
import { HttpError } from './error-table.ts';
import { guardHost } from './host-guard.ts';
import { inspectText, parseJsonBody } from './json-body.ts';
import { guardOrigin } from './origin-guard.ts';
import { type Answerable, toProblem } from './problem.ts';
import { endQuietConnections } from './quiet-connections.ts';
import { rateLimits } from './rate-limit.ts';
import { SECURITY_HEADERS } from './security-headers.ts';
import { routeOf } from './serve-operation.ts';
import { traceOf } from './trace.ts';

declare module 'fastify' {
  interface FastifyRequest {
    principal: Principal;
    traceId: string;
  }
}

export interface AppParts {
  configuration: Configuration;
  authenticator: Authenticator;
  ids: Ids;
  logger: FastifyBaseLogger;
}

/** Milliseconds in which a whole request must have arrived: slow senders must not hold connections for ever. */
const REQUEST_TIMEOUT = 60_000;

/**
 * Fastify with all that holds for every request: trace, guards against web pages, who it is, how often, what a body may
 * be, and problem documents for whatever goes wrong. Routes are added to it.
 */
export async function createApp(parts: AppParts): Promise<FastifyInstance> {
  const { configuration, ids } = parts;
  const app: FastifyInstance = fastify({
    loggerInstance: parts.logger,
    // One line for each answer is written below, with the trace id.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: configuration.bodyLimit,
    requestTimeout: REQUEST_TIMEOUT,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    frameworkErrors: (error, request, reply) => {
      const { traceId } = traceOf(request.headers.traceparent, ids);
      const about = { url: request.url, traceId, bodyLimit: configuration.bodyLimit };
      sendProblem(reply as unknown as FastifyReply, toProblem(error, about));
    },
    routerOptions: { maxParamLength: 2_000 },
  });
  endQuietConnections(app);
  // Set per request by the hooks below; declared here so that all requests share one hidden class.
  app.decorateRequest('principal', null as unknown as Principal);
  app.decorateRequest('traceId', '');
  const limits = await rateLimits(app, configuration.rateLimit);

  app.addHook('onRequest', async (request, reply) => {
    const { traceId, traceparent } = traceOf(request.headers.traceparent, ids);
    request.traceId = traceId;
    reply.header('traceparent', traceparent).headers(SECURITY_HEADERS);
    guardHost(request.headers.host, request.raw.socket.localAddress, {
      listeningOn: configuration.host,
      allowedHosts: configuration.allowedHosts,
    });
    const isStream = request.routeOptions.config.operation?.answer.mediaType === 'text/event-stream';
    guardOrigin({ method: request.method, headers: request.headers, isStream }, configuration.allowedOrigins);
    if (!request.routeOptions.config.operation && !request.routeOptions.config.authenticated) return;
    request.principal = await parts.authenticator.authenticate(request.headers, request.ip).catch(async (error) => {
      if ((error as { code?: unknown }).code === 'UNAUTHENTICATED') {
        reply.header('www-authenticate', 'Bearer realm="signalbox"');
        await limits.countFailure(request);
      }
      throw error;
    });
    if (request.principal.browserSessionId !== null) guardCsrf(request, cookieSecret(request.headers) ?? '');
    await limits.count(request);
    reply.header('cache-control', 'no-store');
  });
  app.addHook('onResponse', async (request, reply) => {
    request.log.debug(
      {
        traceId: request.traceId,
        method: request.method,
        url: redactor.url(request.url),
        status: reply.statusCode,
        durationMs: reply.elapsedTime,
      },
      'answered',
    );
  });

  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (_request: FastifyRequest, body: Buffer) =>
    body.length === 0 ? undefined : parseJsonBody(body),
  );

  app.setErrorHandler((error, request, reply) => {
    const bodyLimit = request.routeOptions.bodyLimit ?? configuration.bodyLimit;
    const answerable = toProblem(error, { url: request.url, traceId: request.traceId, bodyLimit });
    if (answerable.defect) {
      request.log.error({ err: error, traceId: request.traceId, code: answerable.problem.code }, 'failed');
    }
    sendProblem(reply, answerable);
  });
  return app;
}

function sendProblem(reply: FastifyReply, { problem, headers }: Answerable): void {
  reply
    .code(problem.status)
    .headers(headers)
    .type('application/problem+json; charset=utf-8')
    .send(redactor.json(JSON.stringify(problem)));
}

const PLACES = OPERATIONS.map((operation) => ({
  method: operation.method,
  pattern: new RegExp(`^${routeOf(operation).replace(/:\w+/g, '[^/]+')}$`),
}));

/** What to answer where no route is: the methods that the path does take, if any. @throws METHOD_NOT_ALLOWED, ROUTE_NOT_FOUND */
export function refuseUnknownRoute(request: FastifyRequest): never {
  const path = request.url.split('?')[0] ?? '/';
  inspectText(path, 'The path');
  const allowed = PLACES.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
  if (allowed.length > 0) {
    const details = { path, method: request.method, allowed };
    throw new HttpError('METHOD_NOT_ALLOWED', details, { headers: { allow: allowed.join(', ') } });
  }
  throw routeNotFound(request.method, path);
}

export function routeNotFound(method: string, path: string): HttpError {
  return new HttpError('ROUTE_NOT_FOUND', { method, path, document: `${API_BASE}/openapi.json` });
}
