import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';

/**
 * A model that lives on the loopback interface and says what a test tells it to: it speaks the streaming chat
 * completions protocol, so a real coding agent can be driven through real work without a network and without a model.
 *
 * ```ts
 * await using model = await startLoopbackModel([
 *   { text: 'I write it.', toolCalls: [{ name: 'write', arguments: { filePath, content: 'hello' } }] },
 *   { text: 'Done.', usage: { inputTokens: 1_000, outputTokens: 10 } },
 * ]);
 * const agentConfig = { opencode: model.opencodeConfig() };   // and `model: model.name` on the session
 * ```
 *
 * Each request that offers tools takes the next turn of the script. Requests without tools are the agent's own
 * housekeeping (titles, summaries); they are answered with a fixed text and take no turn.
 */
export interface ModelTurn {
  /** What is said; an array is streamed piece by piece. */
  text?: string | readonly string[];
  /** Thoughts, streamed before the text as `reasoning_content`. */
  reasoning?: string;
  toolCalls?: readonly ModelToolCall[];
  usage?: ModelUsage;
  /** Milliseconds to wait before each piece. */
  pieceDelayMs?: number;
  /** The turn is answered once this has come: by it, tests take turns between several agents. */
  when?: Promise<unknown>;
  /** Stops behind the last piece of text and keeps the stream open until the agent hangs up, or the model is closed. */
  hang?: boolean;
  /** Answers with this HTTP status and an error document instead. */
  error?: { status: number; message: string };
}

export interface ModelToolCall {
  name: string;
  arguments: Record<string, unknown>;
  /** Default: `call_<turn>_<index>`. */
  id?: string;
}

/** Tokens, as the protocol counts them: `inputTokens` includes cached ones, `outputTokens` includes reasoning. */
export interface ModelUsage {
  inputTokens: number;
  outputTokens: number;
  reasoningTokens?: number;
  cachedTokens?: number;
}

/** A fixed list of turns, or a function that looks at each request; null from it, or the end of the list, is an error to the agent. */
export type ModelScript = readonly ModelTurn[] | ((request: ModelRequest, turn: number) => ModelTurn | null);

const requestSchema = z.looseObject({
  model: z.string(),
  messages: z.array(z.looseObject({ role: z.string(), content: z.unknown() })).max(5_000),
  tools: z.array(z.looseObject({ function: z.looseObject({ name: z.string() }) })).optional(),
  stream: z.boolean().optional(),
});

/** One request as it came in; `turn` is null for housekeeping. */
export interface ModelRequest {
  turn: number | null;
  authorization: string | null;
  messages: { role: string; content: unknown; [key: string]: unknown }[];
  toolNames: string[];
}

export interface LoopbackModel extends AsyncDisposable {
  /** `http://127.0.0.1:<port>/v1` */
  readonly baseUrl: string;
  /** `provider/model`, to be given to the session. */
  readonly name: string;
  /** Every request so far, oldest first. */
  readonly requests: readonly ModelRequest[];
  /** The requests that took a turn. */
  turns(): ModelRequest[];
  /** Resolves once `count` turns have been taken. */
  turnTaken(count: number): Promise<void>;
  /** Configuration of OpenCode that defines this model as a provider, with prices per million tokens. */
  opencodeConfig(): Record<string, unknown>;
  close(): Promise<void>;
}

/** US dollars per million tokens, as {@link LoopbackModel.opencodeConfig} states them. */
export const LOOPBACK_PRICES = { input: 3, output: 15, cache_read: 0.3, cache_write: 3.75 } as const;

const PROVIDER = 'loopback';
const MODEL = 'scripted';
const HOUSEKEEPING: ModelTurn = { text: 'Scripted session', usage: { inputTokens: 0, outputTokens: 0 } };
const MAX_BODY_BYTES = 16 * 1024 * 1024;
const MAX_REQUESTS = 1_000;

export async function startLoopbackModel(script: ModelScript): Promise<LoopbackModel> {
  const requests: ModelRequest[] = [];
  const waiters = new Set<() => void>();
  const closing = new AbortController();
  let turnsTaken = 0;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'POST' || request.url !== '/v1/chat/completions')
      return fail(response, 404, 'No such route.');
    if (requests.length >= MAX_REQUESTS) return fail(response, 429, 'The scripted model has answered enough.');
    const parsed = requestSchema.safeParse(await readJson(request));
    if (!parsed.success) return fail(response, 400, z.prettifyError(parsed.error));
    const toolNames = (parsed.data.tools ?? []).map((tool) => tool.function.name);
    const turn = toolNames.length > 0 ? turnsTaken++ : null;
    const record: ModelRequest = {
      turn,
      authorization: request.headers.authorization ?? null,
      messages: parsed.data.messages,
      toolNames,
    };
    requests.push(record);
    for (const wake of waiters) wake();
    const answer = turn === null ? HOUSEKEEPING : turnOf(script, record, turn);
    if (!answer) return fail(response, 400, `The script has no turn ${turn}.`);
    if (answer.error) return fail(response, answer.error.status, answer.error.message);
    await stream(response, answer, turn ?? 0, closing.signal);
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      if (!response.headersSent) fail(response, 500, String(error));
      else response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;

  async function close(): Promise<void> {
    closing.abort();
    server.closeAllConnections();
    if (server.listening) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  return {
    baseUrl,
    name: `${PROVIDER}/${MODEL}`,
    requests,
    turns: () => requests.filter((request) => request.turn !== null),
    turnTaken: (count) =>
      new Promise((resolve) => {
        const look = () => {
          if (turnsTaken < count) return;
          waiters.delete(look);
          resolve();
        };
        waiters.add(look);
        look();
      }),
    opencodeConfig: () => ({
      enabled_providers: [PROVIDER],
      provider: {
        [PROVIDER]: {
          name: 'Loopback',
          npm: '@ai-sdk/openai-compatible',
          options: { baseURL: baseUrl, apiKey: 'unused-on-loopback' },
          models: {
            [MODEL]: {
              name: 'Scripted',
              tool_call: true,
              reasoning: true,
              limit: { context: 200_000, output: 8_000 },
              cost: LOOPBACK_PRICES,
            },
          },
        },
      },
    }),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function turnOf(script: ModelScript, request: ModelRequest, turn: number): ModelTurn | null {
  return typeof script === 'function' ? script(request, turn) : (script[turn] ?? null);
}

async function stream(response: ServerResponse, turn: ModelTurn, index: number, closing: AbortSignal): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const over = AbortSignal.any([gone.signal, closing]);
  if (turn.when) await Promise.race([turn.when, aborted(over)]);
  const send = async (delta: Record<string, unknown>, finish: string | null = null, usage?: object) => {
    if (turn.pieceDelayMs) await sleep(turn.pieceDelayMs);
    if (over.aborted) return;
    const chunk = {
      id: `chatcmpl-${index}`,
      object: 'chat.completion.chunk',
      created: 0,
      model: MODEL,
      choices: [{ index: 0, delta, finish_reason: finish }],
      ...(usage ? { usage } : {}),
    };
    response.write(`data: ${JSON.stringify(chunk)}\n\n`);
  };

  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  await send({ role: 'assistant', content: '' });
  if (turn.reasoning) await send({ reasoning_content: turn.reasoning });
  for (const piece of typeof turn.text === 'string' ? [turn.text] : (turn.text ?? [])) await send({ content: piece });
  if (turn.hang) {
    await aborted(over);
    response.destroy();
    return;
  }
  for (const [position, call] of (turn.toolCalls ?? []).entries()) {
    const id = call.id ?? `call_${index}_${position}`;
    const start = { index: position, id, type: 'function', function: { name: call.name, arguments: '' } };
    await send({ tool_calls: [start] });
    await send({ tool_calls: [{ index: position, function: { arguments: JSON.stringify(call.arguments) } }] });
  }
  await send({}, turn.toolCalls?.length ? 'tool_calls' : 'stop', usageDocument(turn.usage));
  response.end('data: [DONE]\n\n');
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}

function usageDocument(usage: ModelUsage = { inputTokens: 10, outputTokens: 5 }): object {
  return {
    prompt_tokens: usage.inputTokens,
    completion_tokens: usage.outputTokens,
    total_tokens: usage.inputTokens + usage.outputTokens,
    prompt_tokens_details: { cached_tokens: usage.cachedTokens ?? 0 },
    completion_tokens_details: { reasoning_tokens: usage.reasoningTokens ?? 0 },
  };
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new Error('The request is too large.');
    chunks.push(chunk);
  }
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}

function fail(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ error: { message, type: 'scripted', code: String(status) } }));
}
