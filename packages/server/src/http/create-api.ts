import type { Core } from '@signalbox/core';
import type { FastifyInstance } from 'fastify';
import { a2aRoute } from '../a2a/a2a-route.ts';
import type { AuditTrail } from '../audit/audit-trail.ts';
import { Authenticator } from '../auth/authenticator.ts';
import { ProjectDirectory } from '../auth/project-directory.ts';
import { OperationCalls } from '../calls/operation-calls.ts';
import { DASHBOARD_DIRECTORY, dashboardRoutes } from '../dashboard/dashboard-routes.ts';
import { exportRoute } from '../exports/export-route.ts';
import type { HealthParts } from '../health/health-report.ts';
import { healthRoutes } from '../health/health-routes.ts';
import { mcpRoute } from '../mcp/mcp-route.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { metricsRoutes } from '../metrics/metrics-routes.ts';
import { API_BASE, openApiDocument } from '../openapi/document.ts';
import { allRoutes } from '../routes/all-routes.ts';
import { playRoute } from '../routes/play-route.ts';
import type { SystemParts } from '../routes/system.ts';
import { type EventStreams, eventStreamRoute } from '../sse/event-stream-route.ts';
import { type AppParts, createApp, routeNotFound } from './app.ts';
import { serveWith } from './serve.ts';

export interface ApiParts extends Omit<AppParts, 'authenticator'> {
  core: Core;
  audit: AuditTrail;
  health: HealthParts;
  system: SystemParts;
  metrics: Metrics;
  /** Where the dashboard's files lie; by default beside this package. */
  dashboardDirectory?: string | undefined;
}

/** The whole HTTP side: everything but listening. */
export async function createApi(parts: ApiParts): Promise<{ app: FastifyInstance; streams: EventStreams }> {
  const { core, configuration, health } = parts;
  const authenticator = new Authenticator({ ...core, configuration });
  const app = await createApp({ ...parts, authenticator });
  metricsRoutes(app, parts.metrics, async (headers, address) => {
    if (configuration.auth === 'required') await authenticator.authenticate(headers, address);
  });
  healthRoutes(app, health);
  // A node without the role answers for itself alone: health and metrics.
  if (!configuration.roles.includes('api')) {
    app.setNotFoundHandler((request) => {
      throw routeNotFound(request.method, request.url);
    });
    return { app, streams: { close: () => undefined } };
  }
  return { app, streams: await serveApi(parts, app, authenticator) };
}

async function serveApi(parts: ApiParts, app: FastifyInstance, authenticator: Authenticator): Promise<EventStreams> {
  const { core, configuration, health } = parts;
  let document: string | null = null;
  app.get(`${API_BASE}/openapi.json`, async (_request, reply) => {
    document ??= JSON.stringify(openApiDocument());
    return reply.type('application/json; charset=utf-8').send(document);
  });
  const serving = {
    app,
    projects: new ProjectDirectory(core.projects),
    idempotency: core.idempotency,
    assertReady: () => health.readiness.assert(),
    bodyLimit: configuration.bodyLimit,
    largeBodyLimit: configuration.journalBodyLimit,
  };
  // Whoever waits for a lock would otherwise keep a stopping server waiting; it asks again, here or elsewhere.
  app.addHook('preClose', async () => core.locks.endWaiting());
  const calls = new OperationCalls(serving);
  allRoutes(calls.remembering(serveWith(serving)), core, parts.audit, parts.system);
  mcpRoute(serving, calls, (error) => parts.logger.warn({ err: error }, 'a request of the MCP endpoint went wrong'));
  a2aRoute(serving, {
    calls,
    projects: serving.projects,
    feed: core.feed,
    auth: configuration.auth,
    publicUrl: configuration.webhooks.dashboardUrl?.replace(/\/+$/, '') ?? null,
    onError: (error) => parts.logger.warn({ err: error }, 'a request of the A2A endpoint went wrong'),
  });
  exportRoute(serving, core, parts.system);
  playRoute(serving, core, (error) => parts.logger.warn({ err: error }, 'a playback broke off'));
  const streams = eventStreamRoute(serving, core, {
    metrics: parts.metrics,
    limit: configuration.eventStreams,
    admits: ({ headers, ip }) => authenticator.admits(headers, ip),
    onError: (error) => parts.logger.warn({ err: error }, 'an event stream broke off'),
  });
  await dashboardRoutes(app, parts.dashboardDirectory ?? DASHBOARD_DIRECTORY);
  return streams;
}
