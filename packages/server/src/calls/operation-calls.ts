import { withTrace } from '@signalbox/core';
import type { FastifyRequest } from 'fastify';
import type { Operation } from '../contract/operation.ts';
import type { Serve } from '../http/serve.ts';
import { bodyOf, contextOf, givenOf, type Handler, type ServeParts } from '../http/serve-operation.ts';

/** What a call gives an operation, as a request would: parameters and query as text. */
export interface OperationInput {
  params?: Readonly<Record<string, string>>;
  query?: Readonly<Record<string, string>>;
  body?: unknown;
}

/**
 * The operations of the contract, to be called from within on behalf of a request that came in another way. A call meets
 * the checks that a request of its own would meet: role, project, parameters.
 */
export class OperationCalls {
  readonly #parts: Pick<ServeParts, 'assertReady' | 'projects'>;
  readonly #handlers = new Map<string, Handler<Operation>>();

  constructor(parts: Pick<ServeParts, 'assertReady' | 'projects'>) {
    this.#parts = parts;
  }

  /** Adds routes as `serve` does, and remembers their handlers. */
  remembering(serve: Serve): Serve {
    return (operation, handler) => {
      this.#handlers.set(operation.id, handler as Handler<Operation>);
      serve(operation, handler);
    };
  }

  /**
   * @param request Whose rights, project and connection the call has.
   * @returns the answer as it would be on the wire, without secrets
   * @throws FORBIDDEN, PROJECT_NOT_FOUND, VALIDATION_FAILED and what the operation's handler throws
   */
  async call(operation: Operation, input: OperationInput, request: FastifyRequest): Promise<unknown> {
    const handler = this.#handlers.get(operation.id);
    if (!handler) throw new Error(`no route serves the operation ${operation.id}`);
    const context = await contextOf(this.#parts, operation, request);
    const { params = {}, query = {}, body } = input;
    const given = givenOf(operation, { params, query, body, headers: {} });
    const trace = { traceId: context.traceId, actorRole: context.principal.role };
    const answer = await withTrace(trace, () => handler(given, context));
    return answer === undefined ? {} : JSON.parse(bodyOf(operation, answer));
  }
}
