import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Step = (request: IncomingMessage, response: ServerResponse) => void;

/** A real HTTP server that answers its requests one after the other as a test has laid down; the last step repeats. */
export interface ScriptedServer {
  readonly url: string;
  /** What was asked so far. */
  readonly requests: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[];
  close(): Promise<void>;
}

export async function scriptedServer(...steps: [Step, ...Step[]]): Promise<ScriptedServer> {
  const requests: ScriptedServer['requests'] = [];
  let next = 0;
  const server = createServer((request, response) => {
    const step = steps[Math.min(next++, steps.length - 1)] ?? steps[0];
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString('utf8');
    });
    request.on('end', () => {
      requests.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
      step(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export const json =
  (status: number, body: unknown, type = 'application/json'): Step =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': type }).end(JSON.stringify(body));
  };

export const problem = (status: number, code: string, detail: string): Step =>
  json(status, { type: 'about:blank', title: code, status, detail, code }, 'application/problem+json');

/** The connection breaks before an answer. */
export const hangUp: Step = (request) => {
  request.socket.destroy();
};

/** Server-sent events; then the connection breaks, or with `stay` stands open. */
export const stream =
  (text: string, stay = false): Step =>
  (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(text, () => {
      if (!stay) response.destroy();
    });
  };
