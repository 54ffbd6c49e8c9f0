import type { QueryParameters, Role } from '@signalbox/core';
import type { z } from 'zod';

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** How an operation treats `If-Match`: asks for it (428 without), takes it when given, or knows no versions. */
export type IfMatch = 'required' | 'optional' | 'none';

/**
 * One operation of the API as data. The routes, the OpenAPI document, the checks of rights and preconditions, and through
 * the document the client are all made from it; what it does stands in the route's handler.
 */
export interface Operation<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
> {
  /** operationId: how generated clients name it. Unique. */
  readonly id: string;
  readonly method: Method;
  /** Below `/api/v1`, parameters in braces. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /** Least role that may call it. */
  readonly role: Role;
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
  readonly ifMatch?: IfMatch;
  /** `node`: tells of this node alone and needs no project, so it answers while the database is away. */
  readonly scope?: 'project' | 'node';
  /** The room checks the body itself, as it does for every caller; it is handed on as it came. */
  readonly bodyCheckedByRoom?: boolean;
  /** Which fields of the answer a list can be filtered by, as documentation; the room decides. */
  readonly filters?: readonly string[];
  readonly answer: Answer;
  /** Bodies larger than the usual limit are taken (journal, checkpoints). */
  readonly largeBody?: boolean;
  /** Its answer is what programs work with (payloads of claimed tasks, states): secrets are not masked in it. */
  readonly verbatim?: boolean;
  /** Fields of the answer left out when an idempotent repeat is answered: secrets that are shown once. */
  readonly shownOnce?: readonly string[];
  /** A body that works, for the document. */
  readonly example?: unknown;
}

export interface Answer {
  readonly status: 200 | 201 | 204;
  readonly about: string;
  /** For 201: `created` in the answer may be false, and the status is 200 then. What that means. */
  readonly found?: string;
  /** Absent for 204. */
  readonly schema?: z.ZodType;
  /** Media type of the text that is answered in place of JSON where the query asks for it. */
  readonly alsoText?: string;
  /** Media type where it is not JSON. */
  readonly mediaType?: string;
}

/** What a handler gets: parsed and checked. The parameters of a list with filters are the room's to read. */
export interface Given<Op extends Operation> {
  params: Op['params'] extends z.ZodType ? z.output<Op['params']> : undefined;
  query: Op['filters'] extends readonly string[]
    ? QueryParameters
    : Op['query'] extends z.ZodType
      ? z.output<Op['query']>
      : undefined;
  body: Op['body'] extends z.ZodType
    ? Op['bodyCheckedByRoom'] extends true
      ? z.input<Op['body']>
      : z.output<Op['body']>
    : undefined;
  /** From `If-Match`. */
  version: Op['ifMatch'] extends 'required'
    ? number
    : Op['ifMatch'] extends 'optional'
      ? number | undefined
      : undefined;
}

/** Makes an {@link Operation}; exists so that the types of its parts are kept. */
export function operation<const Op extends Operation>(made: Op): Op {
  return made;
}

export function isOperation(value: unknown): value is Operation {
  return typeof value === 'object' && value !== null && 'id' in value && 'method' in value && 'answer' in value;
}
