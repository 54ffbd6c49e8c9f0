import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { refuseUnknownRoute } from '../http/app.ts';
import { API_BASE } from '../openapi/document.ts';

/** Where the dashboard's build puts its files. */
export const DASHBOARD_DIRECTORY: string = fileURLToPath(new URL('../../../dashboard/dist', import.meta.url));

const YEAR = 'public, max-age=31536000, immutable';

/**
 * Serves the dashboard: files whose names hold a digest of their content for ever, the page itself only after asking
 * again, and the page for every address that is the dashboard's own to interpret. Call it once, after all other routes.
 */
export async function dashboardRoutes(app: FastifyInstance, directory: string): Promise<void> {
  const built = existsSync(`${directory}/index.html`);
  if (built) {
    await app.register(fastifyStatic, {
      root: directory,
      cacheControl: false,
      setHeaders: (reply, path) => {
        reply.header('cache-control', path.startsWith(`${directory}/assets/`) ? YEAR : 'no-cache');
      },
    });
  } else {
    app.get('/', (request, reply) => unbuilt(request, reply));
  }
  app.setNotFoundHandler((request, reply) => {
    if (!isPage(request)) return refuseUnknownRoute(request);
    return built ? reply.sendFile('index.html') : unbuilt(request, reply);
  });
}

/** A browser that goes to an address which is neither the API's nor a file's. */
function isPage(request: FastifyRequest): boolean {
  const path = request.url.split('?')[0] ?? '/';
  const ours =
    path === API_BASE || path.startsWith('/api/') || path.startsWith('/assets/') || path.startsWith('/health');
  return request.method === 'GET' && !ours && (request.headers.accept ?? '').includes('text/html');
}

function unbuilt(_request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return reply
    .code(503)
    .header('cache-control', 'no-store')
    .type('text/html; charset=utf-8')
    .send(
      `<!doctype html><title>Signalbox</title><h1>The dashboard is not built</h1><p>The server runs; its API is described at <a href="${API_BASE}/openapi.json">${API_BASE}/openapi.json</a>. Build the dashboard with <code>npm run build</code> and start again.</p>`,
    );
}
