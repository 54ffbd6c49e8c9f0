import {
  type McpServer,
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  ResourceTemplate,
  type Variables,
} from '@modelcontextprotocol/server';
import type { Session } from '@signalbox/core';
import type { Caller } from '../calls/caller.ts';
import type { OperationInput } from '../calls/operation-calls.ts';
import type { Operation } from '../contract/operation.ts';
import { readJournal } from '../contract/session-parts.ts';
import { getSession, listSessions } from '../contract/sessions.ts';

const BASE = 'signalbox://sessions';
const JSON_TYPE = 'application/json';

/** Sessions and their journals, to be read. A page of a journal names the next one in `next`. */
export function addResources(server: McpServer, caller: Caller): void {
  const session = new ResourceTemplate(`${BASE}/{id}`, { list: async () => ({ resources: await newest(caller) }) });
  server.registerResource(
    'session',
    session,
    { title: 'A session', description: 'A session as it is now.', mimeType: JSON_TYPE },
    async (uri, variables) =>
      contents(uri, await read(caller, uri, getSession, { params: { id: one(variables, 'id') } })),
  );
  const journal = { title: 'The journal of a session', mimeType: JSON_TYPE };
  const page = async (uri: URL, variables: Variables) => {
    const id = one(variables, 'id');
    const after = one(variables, 'afterSeq');
    const query: Record<string, string> = after === '' ? {} : { afterSeq: after };
    const { items, nextAfterSeq } = (await read(caller, uri, readJournal, { params: { id }, query })) as {
      items: unknown[];
      nextAfterSeq: number | null;
    };
    const next = nextAfterSeq === null ? null : `${BASE}/${id}/journal/after/${nextAfterSeq}`;
    return contents(uri, { items, next });
  };
  server.registerResource(
    'journal',
    new ResourceTemplate(`${BASE}/{id}/journal`, { list: undefined }),
    { ...journal, description: 'Its first hundred events; `next` is where to go on.' },
    page,
  );
  server.registerResource(
    'journal-page',
    new ResourceTemplate(`${BASE}/{id}/journal/after/{afterSeq}`, { list: undefined }),
    { ...journal, description: 'The hundred events behind number `afterSeq`.' },
    page,
  );
}

async function newest(caller: Caller) {
  const { items } = (await caller.run(listSessions, { query: { pageSize: '100' } })) as { items: Session[] };
  return items.flatMap(({ id, title }) => [
    { uri: `${BASE}/${id}`, name: title, mimeType: JSON_TYPE },
    { uri: `${BASE}/${id}/journal`, name: `${title}: journal`, mimeType: JSON_TYPE },
  ]);
}

async function read(caller: Caller, uri: URL, operation: Operation, input: OperationInput): Promise<unknown> {
  try {
    return await caller.run(operation, input);
  } catch (error) {
    const problem = caller.problemOf(error);
    if (problem.status === 404) throw new ResourceNotFoundError(uri.href);
    const code = problem.status < 500 ? ProtocolErrorCode.InvalidParams : ProtocolErrorCode.InternalError;
    throw new ProtocolError(code, `${problem.code}: ${problem.detail}`, problem);
  }
}

function contents(uri: URL, value: unknown) {
  return { contents: [{ uri: uri.href, mimeType: JSON_TYPE, text: JSON.stringify(value) }] };
}

function one(variables: Variables, name: string): string {
  const value = variables[name];
  return (Array.isArray(value) ? value[0] : value) ?? '';
}
