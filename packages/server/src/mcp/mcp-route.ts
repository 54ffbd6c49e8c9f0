import type { FastifyReply, FastifyRequest } from 'fastify';
import { HttpError } from '../http/error-table.ts';
import type { ServeParts } from '../http/serve-operation.ts';
import type { McpEndpoint } from './mcp-endpoint.ts';
import type { OperationCalls } from './operation-calls.ts';

/** Where agents find the MCP server. */
export const MCP_PATH = '/mcp';
const PARSE_ERROR = -32_700;

type Serving = Pick<ServeParts, 'app' | 'largeBodyLimit'>;

/**
 * The MCP server over Streamable HTTP, beside the API: the same callers, guards and limits. What it needs is loaded with
 * the first request, since the start of a server waits for each module.
 */
export function mcpRoute(
  { app, largeBodyLimit }: Serving,
  calls: OperationCalls,
  onError: (error: Error) => void,
): void {
  let endpoint: Promise<McpEndpoint> | null = null;
  app.addHook('preClose', async () => (await endpoint)?.close());
  app.route({
    method: ['GET', 'POST', 'DELETE'],
    url: MCP_PATH,
    bodyLimit: largeBodyLimit,
    config: { authenticated: true },
    errorHandler: answerUnreadable,
    handler: async (request, reply) => {
      endpoint ??= import('./mcp-endpoint.ts').then(({ openMcpEndpoint }) => openMcpEndpoint(calls, onError));
      return reply.send(await (await endpoint).answer(request));
    },
  });
}

/** What cannot be read as JSON is answered as the protocol says; all else as everywhere. */
function answerUnreadable(error: unknown, _request: FastifyRequest, reply: FastifyReply): void {
  if (!(error instanceof HttpError) || error.code !== 'INVALID_JSON') throw error;
  reply
    .code(400)
    .type('application/json; charset=utf-8')
    .send(JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: PARSE_ERROR, message: error.message } }));
}
