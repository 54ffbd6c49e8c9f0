import { Readable } from 'node:stream';
import {
  type IdempotencyKeys,
  parseInput,
  ROLES,
  redactor,
  redactText,
  roleAllows,
  SignalboxError,
  withTrace,
} from '@signalbox/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Principal } from '../auth/principal.ts';
import type { ProjectDirectory } from '../auth/project-directory.ts';
import type { Given, Operation } from '../contract/operation.ts';
import { API_BASE } from '../openapi/document.ts';
import { CookieAnswer } from './cookie-answer.ts';
import { answerOnce } from './idempotent.ts';
import { etagOf, versionOf } from './if-match.ts';
import { inspectText } from './json-body.ts';
import { StreamedText } from './streamed-text.ts';
import { TextAnswer } from './text-answer.ts';

/** What a handler knows of its request beside what was given. */
export interface RequestContext {
  projectId: string;
  principal: Principal;
  /** For audit and journal. */
  actor: string;
  traceId: string;
  request: FastifyRequest;
}

export type Handler<Op extends Operation> = (given: Given<Op>, context: RequestContext) => Promise<unknown>;

export interface ServeParts {
  app: FastifyInstance;
  projects: ProjectDirectory;
  idempotency: IdempotencyKeys;
  /** @throws what keeps the API from answering just now: DATABASE_UNAVAILABLE, MIGRATION_PENDING, STOPPING */
  assertReady(): void;
  bodyLimit: number;
  largeBodyLimit: number;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    operation?: Operation;
    /** A route beside the contract whose callers are found out and counted all the same. */
    authenticated?: boolean;
  }
}

/** Makes a route of an operation: rights, project, parameters, version and idempotency are seen to before its handler runs. */
export function serveOperation<Op extends Operation>(parts: ServeParts, operation: Op, handler: Handler<Op>): void {
  parts.app.route({
    method: operation.method,
    url: routeOf(operation),
    bodyLimit: operation.largeBody ? parts.largeBodyLimit : parts.bodyLimit,
    config: { operation },
    handler: async (request, reply) => {
      const context = await contextOf(parts, operation, request);
      const given = givenOf(operation, request);
      const key = operation.method === 'POST' ? request.headers['idempotency-key'] : undefined;
      const trace = { traceId: context.traceId, actorRole: context.principal.role };
      const handled = async () => {
        const value = await withTrace(trace, () => handler(given as Given<Op>, context));
        if (!(value instanceof CookieAnswer)) return value;
        reply.header('set-cookie', value.cookie);
        return value.value;
      };
      if (typeof key !== 'string') {
        const value = await handled();
        return value instanceof StreamedText ? stream(reply, value) : send(reply, answerOf(operation, value));
      }
      const work = async () => answerOf(operation, await handled());
      const { method, url, body } = request;
      const once = { projectId: context.projectId, key, method, url, body, shownOnce: operation.shownOnce ?? [] };
      const answer = await answerOnce(parts.idempotency, once, work);
      if (answer.replayed) reply.header('idempotency-replayed', 'true');
      return send(reply, answer);
    },
  });
}

/** `/sessions/{id}` → `/api/v1/sessions/:id`. */
export function routeOf(operation: Operation): string {
  return `${API_BASE}${operation.path.replace(/\{(\w+)\}/g, ':$1')}`;
}

/** @throws FORBIDDEN, PROJECT_NOT_FOUND and what {@link ServeParts.assertReady} throws */
export async function contextOf(
  parts: Pick<ServeParts, 'assertReady' | 'projects'>,
  operation: Operation,
  request: FastifyRequest,
): Promise<RequestContext> {
  const { principal, traceId } = request;
  if (!roleAllows(principal.role, operation.role)) {
    throw new SignalboxError('FORBIDDEN', {
      role: principal.role,
      action: operation.id,
      needed: ROLES.filter((role) => roleAllows(role, operation.role)),
    });
  }
  if (operation.scope === 'node') return { projectId: '', principal, actor: principal.actor, traceId, request };
  parts.assertReady();
  const projectId = await parts.projects.idOf(principal.project);
  return { projectId, principal, actor: principal.actor, traceId, request };
}

/** @throws VALIDATION_FAILED, UNKNOWN_FIELD, INVALID_TEXT, PRECONDITION_REQUIRED, INVALID_IF_MATCH */
export function givenOf(
  operation: Operation,
  request: Pick<FastifyRequest, 'params' | 'query' | 'body' | 'headers'>,
): Given<Operation> {
  for (const value of Object.values(request.query as Record<string, string | string[]>).flat()) {
    inspectText(value, 'The query');
  }
  const given = {
    params: operation.params && parseInput(operation.params, request.params),
    query: operation.filters ? request.query : operation.query && parseInput(operation.query, request.query),
    body: operation.bodyCheckedByRoom ? request.body : operation.body && parseInput(operation.body, request.body),
    version:
      operation.ifMatch === 'required' || operation.ifMatch === 'optional'
        ? versionOf(request.headers['if-match'], operation.ifMatch === 'required')
        : undefined,
  };
  return given as Given<Operation>;
}

function answerOf(
  operation: Operation,
  value: unknown,
): { status: number; headers: Record<string, string>; body: string } {
  const status = operation.answer.found !== undefined && wasFound(value) ? 200 : operation.answer.status;
  if (status === 204) return { status, headers: {}, body: '' };
  if (value instanceof TextAnswer) {
    return { status, headers: { 'content-type': value.mediaType }, body: redactText(value.text) };
  }
  const etag = etagOf(value);
  return { status, headers: etag === null ? {} : { etag }, body: bodyOf(operation, value) };
}

/** What people are shown holds no secrets, though what the rooms keep for programs may. */
export function bodyOf(operation: Operation, value: unknown): string {
  const body = JSON.stringify(value);
  return operation.verbatim || operation.shownOnce ? body : redactor.json(body);
}

function wasFound(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'created' in value && value.created === false;
}

function stream(reply: FastifyReply, { mediaType, pieces }: StreamedText): FastifyReply {
  return reply.type(mediaType).send(Readable.from(pieces, { objectMode: false }));
}

function send(
  reply: FastifyReply,
  answer: { status: number; headers: Record<string, string>; body: string },
): FastifyReply {
  reply.code(answer.status).headers(answer.headers);
  if (answer.status === 204) return reply.send();
  return reply.type(answer.headers['content-type'] ?? 'application/json; charset=utf-8').send(answer.body);
}
