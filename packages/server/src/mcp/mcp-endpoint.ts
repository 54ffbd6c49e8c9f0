import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import type { FastifyRequest } from 'fastify';
import { type Caller, callerOf } from '../calls/caller.ts';
import type { OperationCalls } from '../calls/operation-calls.ts';
import { SERVER_VERSION } from '../version.ts';
import { addResources } from './mcp-resources.ts';
import { addTasks } from './mcp-tasks.ts';
import { addTool } from './tool.ts';
import { TOOLS } from './tools.ts';

const INSTRUCTIONS = `Signalbox coordinates coding agents. Call fetch_status to see what is going on. To work on tasks: claim_task,
heartbeat three times within the lease, report_progress, then complete_task or fail_task, always with the token of the claim. Take a
lock before you write what others write too, and give it back. An error begins with its code and says what to do next.`;

export interface McpEndpoint {
  /** Answers one HTTP request whose caller is known. */
  answer(request: FastifyRequest): Promise<Response>;
  /** Ends the streams that are open. */
  close(): Promise<void>;
}

/** Serves 2026-07-28, and 2025-11-25 without sessions: any node can answer any request. */
export function openMcpEndpoint(calls: OperationCalls, onError: (error: Error) => void): McpEndpoint {
  const handler = createMcpHandler(({ authInfo, era }) => serverFor(callerIn(authInfo?.extra), era), {
    onerror: onError,
  });
  return {
    answer: (request) => {
      const caller = callerOf(calls, request, onError);
      const { actor, role } = request.principal;
      return handler.fetch(toWebRequest(request), {
        ...(request.body === undefined ? {} : { parsedBody: request.body }),
        authInfo: { token: '', clientId: actor, scopes: [role], extra: { caller } },
      });
    },
    close: () => handler.close(),
  };
}

function serverFor(caller: Caller, era: 'legacy' | 'modern'): McpServer {
  const server = new McpServer({ name: 'signalbox', version: SERVER_VERSION }, { instructions: INSTRUCTIONS });
  for (const tool of TOOLS) addTool(server, tool, caller);
  addResources(server, caller);
  // The older revision has tasks of another kind in its core; a client of it asks with fetch_status.
  if (era === 'modern') addTasks(server, caller);
  return server;
}

function callerIn(extra: Record<string, unknown> | undefined): Caller {
  if (!extra?.caller) throw new Error('an MCP request came without its caller');
  return extra.caller as Caller;
}

function toWebRequest(request: FastifyRequest): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  const url = new URL(request.url, `http://${request.headers.host ?? 'localhost'}`);
  const body = request.method === 'POST' ? JSON.stringify(request.body ?? null) : null;
  return new Request(url, { method: request.method, headers, body });
}
