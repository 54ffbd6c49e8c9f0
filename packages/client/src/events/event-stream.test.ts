import { afterEach, describe, expect, it } from 'vitest';
import { createClient } from '../client.ts';
import { hangUp, problem, type ScriptedServer, type Step, scriptedServer, stream } from '../testing/scripted-server.ts';
import type { StreamEvent } from './stream-event.ts';

let server: ScriptedServer | undefined;
afterEach(() => server?.close());

const feed = (position: number) =>
  `id: e1:${position}\nevent: session\ndata: ${JSON.stringify({
    position,
    topic: 'session',
    at: '2026-01-01T00:00:00.000Z',
    payload: { sessionId: 's', change: 'status', status: 'running', version: position },
  })}\n\n`;
const HELLO = 'id: e1:4\nevent: hello\ndata: {"epoch":"e1","position":4}\n\n';
const RESET = 'id: e2:9\nevent: reset\ndata: {"epoch":"e2","position":9}\n\n';

/** The first events of the kinds asked for. */
async function first(count: number, steps: [Step, ...Step[]], kinds: StreamEvent['type'][]): Promise<StreamEvent[]> {
  server = await scriptedServer(...steps);
  const found: StreamEvent[] = [];
  for await (const event of createClient({ baseUrl: server.url }).events({ topics: ['session'], sessionId: 's' })) {
    if (kinds.includes(event.type)) found.push(event);
    if (found.length === count) break;
  }
  return found;
}

describe('the stream of events', () => {
  it('goes on behind the last event seen after the connection broke', async () => {
    const events = await first(3, [stream(HELLO + feed(5)), stream(feed(6) + feed(7), true)], ['feed']);
    expect(events.map((event) => event.type === 'feed' && event.position)).toEqual([5, 6, 7]);
    expect(server?.requests.map((request) => request.headers['last-event-id'])).toEqual([undefined, 'e1:5']);
    expect(server?.requests[0]?.url).toBe('/api/v1/events?topics=session&sessionId=s');
  });

  it('goes on behind the greeting when nothing happened before the break', async () => {
    await first(1, [stream(HELLO), stream(feed(5), true)], ['feed']);
    expect(server?.requests[1]?.headers['last-event-id']).toBe('e1:4');
  });

  it('tells of a reset, and goes on behind it', async () => {
    const events = await first(2, [stream(HELLO), stream(RESET), stream(feed(10), true)], ['reset', 'feed']);
    expect(events.map((event) => event.type)).toEqual(['reset', 'feed']);
    expect(server?.requests.map((request) => request.headers['last-event-id'])).toEqual([undefined, 'e1:4', 'e2:9']);
  });

  it('tells when the connection is lost and stands again', async () => {
    const events = await first(3, [stream(HELLO), hangUp, stream(feed(5), true)], ['open', 'lost']);
    expect(events.map((event) => event.type)).toEqual(['open', 'lost', 'lost']);
  });

  it('puts messages together that come in pieces, and passes over kinds it does not know', async () => {
    const text = `: ping\n\nevent: novelty\ndata: {"x":1}\n\n${feed(5)}`;
    const pieces: Step = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const bytes = [...text];
      const send = () => {
        const piece = bytes.splice(0, 7).join('');
        if (piece === '') return;
        response.write(piece, send);
      };
      send();
    };
    const events = await first(1, [pieces], ['feed', 'hello', 'reset', 'delta']);
    expect(events).toMatchObject([{ type: 'feed', topic: 'session', id: 'e1:5', position: 5 }]);
  });

  it('keeps trying while the server is overloaded or away', async () => {
    const events = await first(1, [problem(503, 'DATABASE_UNAVAILABLE', 'Away.'), stream(feed(5), true)], ['feed']);
    expect(events).toHaveLength(1);
  });

  it('ends with the error where asking again cannot help', async () => {
    await expect(first(1, [problem(403, 'FORBIDDEN', 'No.')], ['feed'])).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect(server?.requests).toHaveLength(1);
  });

  it('ends without an error when its signal fires, also while waiting to reconnect', async () => {
    server = await scriptedServer(hangUp);
    const abort = new AbortController();
    const seen: string[] = [];
    for await (const event of createClient({ baseUrl: server.url }).events({ signal: abort.signal })) {
      seen.push(event.type);
      abort.abort();
    }
    expect(seen).toEqual(['lost']);
  });

  it('closes its connection when the loop is left', async () => {
    let closed: (() => void) | undefined;
    const gone = new Promise<void>((resolve) => {
      closed = resolve;
    });
    await first(
      1,
      [
        (request, response) => {
          request.socket.once('close', () => closed?.());
          stream(feed(5), true)(request, response);
        },
      ],
      ['feed'],
    );
    await gone;
  });
});
