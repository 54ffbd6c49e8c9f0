import { redactor } from '@signalbox/core';
import type { FastifyRequest } from 'fastify';
import type { Operation } from '../contract/operation.ts';
import type { Problem } from '../contract/problem.ts';
import { toProblem } from '../http/problem.ts';
import type { OperationCalls, OperationInput } from './operation-calls.ts';

/** On whose behalf operations are called that came in by another protocol than the API. */
export interface Caller {
  /** For audit and journal, and the name under which it claims where it gives no other. */
  readonly actor: string;
  run(operation: Operation, input: OperationInput): Promise<unknown>;
  /** What went wrong, in the words of the API. Defects are reported. */
  problemOf(error: unknown): Problem;
}

export function callerOf(calls: OperationCalls, request: FastifyRequest, onDefect: (error: Error) => void): Caller {
  return {
    actor: request.principal.actor,
    run: (operation, input) => calls.call(operation, input, request),
    problemOf: (error) => {
      const about = { url: request.url, traceId: request.traceId, bodyLimit: request.routeOptions.bodyLimit ?? 0 };
      const { problem, defect } = toProblem(error, about);
      if (defect) onDefect(error instanceof Error ? error : new Error(String(error)));
      return JSON.parse(redactor.json(JSON.stringify(problem)));
    },
  };
}
