import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ToolDecision } from '@signalbox/core';
import {
  HOOK_ROUTES,
  type ShellHook,
  shellSchema,
  type ToolAfterHook,
  type ToolBeforeHook,
  toolAfterSchema,
  toolBeforeSchema,
} from './hook-protocol.ts';

export interface HookHandlers {
  ready(): void;
  before(hook: ToolBeforeHook): Promise<ToolDecision>;
  /** Answers what is laid over the environment of the shell. */
  shell(hook: ShellHook): Record<string, string>;
  after(hook: ToolAfterHook): Promise<void>;
}

export interface HookEndpoint {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** Ends every call that still waits; the plugin then refuses the tool call it is about. */
  close(): Promise<void>;
}

const MAX_BODY_BYTES = 32 * 1024 * 1024;

/** A refusal of the endpoint itself: an HTTP status and what to say with it. */
class HookRefusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * The door through which the plugin asks before and tells after each tool call. It listens on loopback only, for one run,
 * and answers nobody but the holder of that run's token: a web page cannot reach it, since the `Host` must be its own
 * address and the body must be JSON.
 */
export async function startHookEndpoint(token: string, handlers: HookHandlers): Promise<HookEndpoint> {
  let address = '';

  async function answer(request: IncomingMessage): Promise<unknown> {
    if (request.headers.host !== address) throw new HookRefusal(421, 'Unknown host.');
    if (!sameSecret(request.headers.authorization ?? '', `Bearer ${token}`))
      throw new HookRefusal(401, 'Unknown token.');
    if (request.method !== 'POST') throw new HookRefusal(405, 'Only POST.');
    if (!/^application\/json\b/.test(request.headers['content-type'] ?? '')) throw new HookRefusal(415, 'Only JSON.');
    const body = parseJson(await readBody(request));
    switch (request.url) {
      case HOOK_ROUTES.ready:
        handlers.ready();
        return {};
      case HOOK_ROUTES.before:
        return handlers.before(valid(toolBeforeSchema.safeParse(body)));
      case HOOK_ROUTES.shell:
        return { environment: handlers.shell(valid(shellSchema.safeParse(body))) };
      case HOOK_ROUTES.after:
        await handlers.after(valid(toolAfterSchema.safeParse(body)));
        return {};
      default:
        throw new HookRefusal(404, 'No such hook.');
    }
  }

  const server = createServer((request, response) => {
    answer(request).then(
      (document) => reply(response, 200, document),
      (error: unknown) =>
        reply(response, error instanceof HookRefusal ? error.status : 500, {
          error: error instanceof Error ? error.message : String(error),
        }),
    );
  });
  // A call may be held for hours by an approval; only its receipt is limited in time.
  server.timeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  address = `127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    url: `http://${address}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function valid<T>(parsed: { success: true; data: T } | { success: false; error: Error }): T {
  if (parsed.success) return parsed.data;
  throw new HookRefusal(400, parsed.error.message);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new HookRefusal(400, `Not JSON: ${String(cause)}`);
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new HookRefusal(413, `More than ${MAX_BODY_BYTES} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function reply(response: ServerResponse, status: number, document: unknown): void {
  if (response.destroyed) return;
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(document));
}

/** Compares digests, so that neither content nor length can be measured. */
function sameSecret(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
