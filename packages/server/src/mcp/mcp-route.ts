import type { OperationCalls } from '../calls/operation-calls.ts';
import { answerUnreadable } from '../calls/unreadable.ts';
import type { ServeParts } from '../http/serve-operation.ts';
import type { McpEndpoint } from './mcp-endpoint.ts';

/** Where agents find the MCP server. */
export const MCP_PATH = '/mcp';

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
