import type { Client, McpMessage } from '@signalbox/client';
import { describe, expect, it } from 'vitest';
import { McpProxy } from './mcp-proxy.ts';

type Send = Client['mcp']['send'];

function proxy(send: Send) {
  const lines: McpMessage[] = [];
  return { lines, proxy: new McpProxy({ send }, (line) => lines.push(JSON.parse(line))) };
}

describe('the MCP proxy', () => {
  it('answers each request when its answer comes, and carries on the revision that was agreed on', async () => {
    const versions: (string | undefined)[] = [];
    const held = Promise.withResolvers<void>();
    const { lines, proxy: mcp } = proxy(async function* (message, options) {
      versions.push(options?.protocolVersion);
      if (message.method === 'slow') await held.promise;
      if (message.id !== undefined)
        yield { jsonrpc: '2.0', id: message.id, result: { protocolVersion: '2025-11-25', of: message.method } };
    });
    mcp.take('{"jsonrpc":"2.0","id":1,"method":"initialize"}');
    await mcp.finished();
    mcp.take('{"jsonrpc":"2.0","id":2,"method":"slow"}');
    mcp.take('{"jsonrpc":"2.0","id":3,"method":"quick"}');
    mcp.take('{"jsonrpc":"2.0","method":"notifications/initialized"}');
    await expect.poll(() => lines.map(({ id }) => id)).toEqual([1, 3]);
    held.resolve();
    await mcp.finished();
    expect(lines.map(({ id }) => id)).toEqual([1, 3, 2]);
    expect(versions).toEqual([undefined, '2025-11-25', '2025-11-25', '2025-11-25']);
  });

  it('refuses what is no JSON, and says what kept a request from its answer', async () => {
    const { lines, proxy: mcp } = proxy(async function* () {
      yield* [];
      throw new Error('No Signalbox server answers.');
    });
    mcp.take('{"jsonrpc":');
    mcp.take('{"jsonrpc":"2.0","id":7,"method":"tools/list"}');
    mcp.take('{"jsonrpc":"2.0","method":"notifications/initialized"}');
    await mcp.finished();
    expect(lines).toEqual([
      { jsonrpc: '2.0', id: null, error: { code: -32_700, message: expect.stringContaining('not JSON') } },
      { jsonrpc: '2.0', id: 7, error: { code: -32_603, message: 'No Signalbox server answers.' } },
    ]);
  });

  it('breaks off a request that is cancelled, and answers it no more', async () => {
    const broken: unknown[] = [];
    const { lines, proxy: mcp } = proxy(async function* (message, options) {
      if (message.method !== 'slow') return;
      await new Promise((_resolve, reject) => {
        options?.signal?.addEventListener('abort', () => {
          broken.push(message.id);
          reject(new Error('aborted'));
        });
      });
      yield {};
    });
    mcp.take('{"jsonrpc":"2.0","id":"a","method":"slow"}');
    mcp.take('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"a"}}');
    await mcp.finished();
    expect([broken, lines]).toEqual([['a'], []]);
  });
});
