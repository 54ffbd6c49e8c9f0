import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';

/** Statuses whose responses have no body. */
const BODILESS = [204, 205, 304];

/**
 * `fetch` for a server on this machine, without time limits. The built-in one gives up on a stream that is silent for five
 * minutes, and a paused run is silent for as long as it is paused.
 */
export function createLoopbackFetch(): { fetch: (request: Request) => Promise<Response>; close(): void } {
  const agent = new Agent({ keepAlive: true });

  async function loopbackFetch(request: Request): Promise<Response> {
    const body = Buffer.from(await request.arrayBuffer());
    const incoming = await new Promise<IncomingMessage>((resolve, reject) => {
      const outgoing = httpRequest(request.url, {
        method: request.method,
        headers: { ...Object.fromEntries(request.headers), 'content-length': String(body.length) },
        agent,
        signal: request.signal,
      });
      outgoing.once('response', resolve);
      outgoing.once('error', reject);
      outgoing.end(body);
    });
    const status = incoming.statusCode ?? 500;
    const headers = new Headers();
    for (const [name, value] of Object.entries(incoming.headers)) if (value) headers.set(name, String(value));
    if (BODILESS.includes(status)) {
      incoming.resume();
      return new Response(null, { status, headers });
    }
    return new Response(Readable.toWeb(incoming) as ReadableStream<Uint8Array>, { status, headers });
  }

  return { fetch: loopbackFetch, close: () => agent.destroy() };
}
