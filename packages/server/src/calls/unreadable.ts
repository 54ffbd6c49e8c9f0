import type { FastifyReply, FastifyRequest } from 'fastify';
import { HttpError } from '../http/error-table.ts';

const PARSE_ERROR = -32_700;

/** What cannot be read as JSON is answered as JSON-RPC says; all else as everywhere. */
export function answerUnreadable(error: unknown, _request: FastifyRequest, reply: FastifyReply): void {
  if (!(error instanceof HttpError) || error.code !== 'INVALID_JSON') throw error;
  reply
    .code(400)
    .type('application/json; charset=utf-8')
    .send(JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: PARSE_ERROR, message: error.message } }));
}
