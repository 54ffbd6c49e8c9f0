import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { Metrics } from './metrics.ts';

/** @param admit lets a scraper in, as it lets in callers of the API; throws for others. */
export function metricsRoutes(
  app: FastifyInstance,
  metrics: Metrics,
  admit: (headers: IncomingHttpHeaders, address: string) => Promise<unknown>,
): void {
  app.addHook('onResponse', async (request, reply) => {
    if (request.routeOptions.config.operation?.answer.mediaType !== undefined) return;
    const route = request.routeOptions.url ?? 'unknown';
    metrics.httpRequests.observe(
      { method: request.method, route, status: String(reply.statusCode) },
      reply.elapsedTime / 1000,
    );
  });
  app.get('/metrics', async (request, reply) => {
    await admit(request.headers, request.ip);
    return reply
      .type(metrics.registry.contentType)
      .header('cache-control', 'no-store')
      .send(await metrics.registry.metrics());
  });
}
