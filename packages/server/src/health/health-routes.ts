import type { FastifyInstance } from 'fastify';
import { type HealthParts, reportHealth } from './health-report.ts';

/** For people, load balancers and supervisors; open to all who can reach the server, and telling no secrets. */
export function healthRoutes(app: FastifyInstance, parts: HealthParts): void {
  app.get('/health', async (_request, reply) => {
    const report = await reportHealth(parts);
    return reply
      .code(report.status === 'unavailable' ? 503 : 200)
      .header('cache-control', 'no-store')
      .send(report);
  });
  // The process runs and answers; whether it can do its work is the next one's business.
  app.get('/health/live', async (_request, reply) => reply.header('cache-control', 'no-store').send({ status: 'ok' }));
  app.get('/health/ready', async (_request, reply) => {
    const { available, reason } = await parts.database.health();
    const ready = available && parts.readiness.phase === 'ready';
    return reply
      .code(ready ? 200 : 503)
      .header('cache-control', 'no-store')
      .send({ status: ready ? 'ok' : 'unavailable', reason: ready ? null : (parts.readiness.reason ?? reason) });
  });
}
