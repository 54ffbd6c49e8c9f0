import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the model says in one turn: text, or calls of tools, or both. */
export interface ModelTurn {
  text?: string;
  calls?: readonly { id: string; name: string; input: Record<string, unknown> }[];
}

/** What the model was asked with. */
export interface ModelRequest {
  model: string;
  messages: readonly { role: string; content: unknown }[];
  tools: readonly { name: string }[];
}

export interface LoopbackMessages {
  url: string;
  /** Requests of conversations with tools, in their order. */
  requests: ModelRequest[];
  close(): Promise<void>;
}

const USAGE = { input_tokens: 100, output_tokens: 20, cache_creation_input_tokens: 5, cache_read_input_tokens: 7 };

/**
 * A model behind the Messages API on loopback, with streaming: it says what `script` answers. Requests without tools (titles
 * and the like) get a short text.
 */
export async function startLoopbackMessages(script: (request: ModelRequest) => ModelTurn): Promise<LoopbackMessages> {
  const requests: ModelRequest[] = [];
  const server = createServer((request, response) => {
    answer(request, response).catch((error: Error) => {
      response.writeHead(500, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ type: 'error', error: { type: 'api_error', message: error.message } }));
    });
  });
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const path = request.url?.split('?')[0];
    if (path === '/v1/messages/count_tokens') return json(response, 200, { input_tokens: 100 });
    if (path !== '/v1/messages') return json(response, 404, { type: 'error', error: { type: 'not_found_error' } });
    const body = JSON.parse(await textOf(request)) as Partial<ModelRequest> & { stream?: boolean };
    const asked: ModelRequest = { model: body.model ?? '', messages: body.messages ?? [], tools: body.tools ?? [] };
    const main = asked.tools.length > 0;
    if (main) requests.push(asked);
    const turn = main ? script(asked) : { text: 'A title' };
    const message = messageOf(asked.model, turn);
    if (body.stream) stream(response, message);
    else json(response, 200, message);
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The results of tools in a request, by the ids of their calls. */
export function toolResults({ messages }: ModelRequest): Map<string, string> {
  const results = new Map<string, string>();
  for (const { content } of messages) {
    if (!Array.isArray(content)) continue;
    for (const block of content as { type: string; tool_use_id?: string; content?: unknown }[]) {
      if (block.type !== 'tool_result' || block.tool_use_id === undefined) continue;
      results.set(block.tool_use_id, typeof block.content === 'string' ? block.content : JSON.stringify(block.content));
    }
  }
  return results;
}

type Block =
  | { type: 'text'; text: string }
  | { type: 'tool_use'; id: string; name: string; input: Record<string, unknown> };

function messageOf(model: string, { text, calls = [] }: ModelTurn) {
  const content: Block[] = [
    ...(text === undefined ? [] : [{ type: 'text' as const, text }]),
    ...calls.map((call) => ({ type: 'tool_use' as const, ...call })),
  ];
  return {
    id: `msg_${calls[0]?.id ?? 'end'}`,
    type: 'message',
    role: 'assistant',
    model,
    content,
    stop_reason: calls.length > 0 ? 'tool_use' : 'end_turn',
    stop_sequence: null,
    usage: USAGE,
  };
}

function stream(response: ServerResponse, message: ReturnType<typeof messageOf>): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  const send = (type: string, data: object) =>
    response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`);
  const { content, stop_reason, ...rest } = message;
  send('message_start', { message: { ...rest, content: [], stop_reason: null } });
  for (const [index, block] of content.entries()) {
    const empty = block.type === 'text' ? { ...block, text: '' } : { ...block, input: {} };
    send('content_block_start', { index, content_block: empty });
    const delta =
      block.type === 'text'
        ? { type: 'text_delta', text: block.text }
        : { type: 'input_json_delta', partial_json: JSON.stringify(block.input) };
    send('content_block_delta', { index, delta });
    send('content_block_stop', { index });
  }
  send('message_delta', { delta: { stop_reason, stop_sequence: null }, usage: USAGE });
  send('message_stop', {});
  response.end();
}

function json(response: ServerResponse, status: number, document: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(document));
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
