import { AgentCard } from '@a2a-js/sdk';
import { VersionNotSupportedError } from '@a2a-js/sdk/errors';
import { JsonRpcTransportHandler, ServerCallContext } from '@a2a-js/sdk/server';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf } from '../calls/caller.ts';
import { hangUpOf } from '../http/hang-up.ts';
import { SECURITY_HEADERS } from '../http/security-headers.ts';
import { eventText, StreamWriter } from '../sse/stream-writer.ts';
import type { A2aParts } from './a2a-route.ts';
import { A2A_VERSION, agentCard } from './agent-card.ts';
import { SessionHandler } from './session-handler.ts';

/** Answers of the protocol, one at a time or as a stream. */
export class A2aEndpoint {
  readonly #parts: A2aParts;
  readonly #closing = new AbortController();

  constructor(parts: A2aParts) {
    this.#parts = parts;
  }

  /** Ends what waits: it asks again, here or elsewhere. */
  close(): void {
    this.#closing.abort();
  }

  card(request: FastifyRequest): unknown {
    return AgentCard.toJSON(this.#card(request));
  }

  async answer(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { body } = request;
    const asked = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
    // A client that names no version speaks 0.3, by the specification.
    const version = request.headers['a2a-version'] ?? '0.3';
    if (version !== A2A_VERSION) {
      const error = JsonRpcTransportHandler.mapToJSONRPCError(
        new VersionNotSupportedError(`A2A ${version} is not spoken here; send A2A-Version: ${A2A_VERSION}.`),
      );
      return reply.send({ jsonrpc: '2.0', id: asked.id ?? null, error });
    }
    const { signal, forget } = hangUpOf(request);
    try {
      const gone = AbortSignal.any([signal, this.#closing.signal]);
      const answer = await this.#handlerFor(request, gone).handle(
        asked,
        new ServerCallContext({ requestedVersion: version }),
      );
      if (!(Symbol.asyncIterator in answer)) return reply.send(answer);
      await stream(answer, asked.id ?? null, reply);
      return reply;
    } finally {
      forget();
    }
  }

  #handlerFor(request: FastifyRequest, gone: AbortSignal): JsonRpcTransportHandler {
    const { calls, feed, projects, onError } = this.#parts;
    const { principal } = request;
    const handler = new SessionHandler({
      caller: callerOf(calls, request, onError),
      scope: [principal.project, principal.actor],
      card: this.#card(request),
      subscribe: async () => feed.subscribe(await projects.idOf(principal.project), null),
      gone,
    });
    return new JsonRpcTransportHandler(handler);
  }

  #card(request: FastifyRequest): AgentCard {
    const { publicUrl, auth } = this.#parts;
    return agentCard(publicUrl ?? `${request.protocol}://${request.headers.host}`, auth);
  }
}

/** Server-sent events, each an answer to the one request. What goes wrong before the first is no stream. */
async function stream(
  answers: AsyncGenerator<object, void, undefined>,
  id: unknown,
  reply: FastifyReply,
): Promise<void> {
  const refused = (error: unknown) => ({ jsonrpc: '2.0', id, error: JsonRpcTransportHandler.mapToJSONRPCError(error) });
  const first = await answers.next().catch((error: unknown) => ({ done: false as const, value: refused(error) }));
  if (first.done || 'error' in first.value) {
    await reply.send(first.value ?? null);
    return;
  }
  reply.hijack();
  reply.raw.writeHead(200, {
    ...SECURITY_HEADERS,
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  const writer = new StreamWriter(reply.raw);
  try {
    await writer.write(eventText({ data: first.value }));
    for await (const answer of answers) {
      if (writer.gone.aborted) return;
      await writer.write(eventText({ data: answer }));
    }
  } catch (error) {
    await writer.write(eventText({ data: refused(error) }));
  } finally {
    writer.end();
  }
}
