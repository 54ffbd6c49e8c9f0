import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A door into this process for the program of one run, on loopback. */
export interface TokenEndpoint {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** Ends every call that still waits. */
  close(): Promise<void>;
}

const MAX_BODY_BYTES = 32 * 1024 * 1024;

/** A refusal of the endpoint itself: an HTTP status and what to say with it. */
export class EndpointRefusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * Listens on loopback only, for one run, and answers nobody but the holder of that run's token: a web page cannot reach it,
 * since the `Host` must be its own address and the body must be JSON.
 * @param answer what is answered to a JSON document posted to a path.
 */
export async function startTokenEndpoint(
  token: string,
  answer: (path: string, body: unknown) => Promise<unknown>,
): Promise<TokenEndpoint> {
  let address = '';

  async function take(request: IncomingMessage): Promise<unknown> {
    if (request.headers.host !== address) throw new EndpointRefusal(421, 'Unknown host.');
    if (!sameSecret(request.headers.authorization ?? '', `Bearer ${token}`))
      throw new EndpointRefusal(401, 'Unknown token.');
    if (request.method !== 'POST') throw new EndpointRefusal(405, 'Only POST.');
    if (!/^application\/json\b/.test(request.headers['content-type'] ?? ''))
      throw new EndpointRefusal(415, 'Only JSON.');
    return answer(request.url ?? '', parseJson(await readBody(request)));
  }

  const server = createServer((request, response) => {
    take(request).then(
      (document) => reply(response, 200, document),
      (error: unknown) =>
        reply(response, error instanceof EndpointRefusal ? error.status : 500, {
          error: error instanceof Error ? error.message : String(error),
        }),
    );
  });
  // A call may be held for hours by an approval; only its receipt is limited in time.
  server.timeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  address = `127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    url: `http://${address}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new EndpointRefusal(400, `Not JSON: ${String(cause)}`);
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new EndpointRefusal(413, `More than ${MAX_BODY_BYTES} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function reply(response: ServerResponse, status: number, document: unknown): void {
  if (response.destroyed) return;
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(document));
}

/** Compares digests, so that neither content nor length can be measured. */
function sameSecret(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
