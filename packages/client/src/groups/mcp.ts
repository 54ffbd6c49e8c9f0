import { readMessages } from '../events/sse-connection.ts';
import { ApiError, ServerUnreachableError } from '../transport/api-error.ts';
import type { CallOptions, Transport } from '../transport/transport.ts';

const VERSION_KEY = 'io.modelcontextprotocol/protocolVersion';

/** A message of JSON-RPC, as MCP has them. */
export interface McpMessage {
  id?: string | number | null;
  method?: string;
  params?: { _meta?: Record<string, unknown>; [name: string]: unknown };
  [member: string]: unknown;
}

export interface McpOptions extends CallOptions {
  /** What was agreed on at the beginning, for messages that do not say it themselves (before 2026-07-28). */
  protocolVersion?: string | undefined;
}

/** The MCP server of a Signalbox server, for programs that pass messages on to it. */
export function mcpMethods(transport: Transport) {
  return {
    /**
     * Sends one message and yields what comes back until its answer is complete; nothing for a notification.
     * @throws ApiError, ServerUnreachableError
     */
    async *send(message: McpMessage, options: McpOptions = {}): AsyncGenerator<McpMessage> {
      const abort = new AbortController();
      const signal = options.signal ? AbortSignal.any([abort.signal, options.signal]) : abort.signal;
      const response = await transport
        .fetch(`${transport.baseUrl}/mcp`, {
          method: 'POST',
          headers: { ...transport.headers, ...headersOf(message, options.protocolVersion) },
          body: JSON.stringify(message),
          signal,
        })
        .catch((cause) => {
          if (signal.aborted) throw cause;
          throw new ServerUnreachableError(transport.baseUrl, { cause });
        });
      if (response.headers.get('content-type')?.startsWith('text/event-stream')) {
        for await (const { data } of readMessages(response, abort)) yield JSON.parse(data);
        return;
      }
      const text = await response.text();
      const answer: unknown = text.startsWith('{') ? JSON.parse(text) : text;
      if (isMessage(answer)) yield answer;
      else if (!response.ok) throw ApiError.fromAnswer(response.status, response.statusText, answer);
    },
  };
}

/** Streamable HTTP wants in headers what intermediaries need to know of a message. */
function headersOf({ method, params }: McpMessage, agreed: string | undefined): Record<string, string> {
  const own = params?._meta?.[VERSION_KEY];
  const name = params?.name ?? params?.uri ?? params?.taskId;
  return {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    ...(typeof own === 'string'
      ? {
          'mcp-protocol-version': own,
          ...(method === undefined ? {} : { 'mcp-method': method }),
          ...(typeof name === 'string' ? { 'mcp-name': name } : {}),
        }
      : agreed === undefined
        ? {}
        : { 'mcp-protocol-version': agreed }),
  };
}

function isMessage(value: unknown): value is McpMessage {
  return typeof value === 'object' && value !== null && 'jsonrpc' in value;
}
