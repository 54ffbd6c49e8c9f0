import type { Core } from '@signalbox/core';
import type { OperationCalls } from '../calls/operation-calls.ts';
import { answerUnreadable } from '../calls/unreadable.ts';
import type { ServeParts } from '../http/serve-operation.ts';
import type { A2aEndpoint } from './a2a-endpoint.ts';
import { A2A_PATH, CARD_PATH } from './agent-card.ts';

export interface A2aParts extends Pick<ServeParts, 'projects'> {
  calls: OperationCalls;
  feed: Pick<Core['feed'], 'subscribe'>;
  auth: 'open' | 'required';
  /** Where people and programs reach this server, where its host name alone does not say so. */
  publicUrl: string | null;
  onError: (error: Error) => void;
}

/**
 * The card of this agent, for everybody, and its endpoint (JSON-RPC over HTTP), with the callers, guards and limits of the
 * API. What it needs is loaded with the first request, since the start of a server waits for each module.
 */
export function a2aRoute({ app, bodyLimit }: Pick<ServeParts, 'app' | 'bodyLimit'>, parts: A2aParts): void {
  let endpoint: Promise<A2aEndpoint> | null = null;
  const opened = () => {
    endpoint ??= import('./a2a-endpoint.ts').then(({ A2aEndpoint }) => new A2aEndpoint(parts));
    return endpoint;
  };
  app.addHook('preClose', async () => (await endpoint)?.close());
  app.get(CARD_PATH, async (request, reply) => {
    reply.type('application/json; charset=utf-8').header('cache-control', 'no-cache');
    return reply.send((await opened()).card(request));
  });
  app.post(
    A2A_PATH,
    { bodyLimit, config: { authenticated: true }, errorHandler: answerUnreadable },
    async (request, reply) => (await opened()).answer(request, reply),
  );
}
