import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROGRAM, type ServedCli, serveCli } from '../testing/index.ts';

/** A server that starts on a busy machine. */
const START_MS = 300_000;

let server: ServedCli;
beforeAll(async () => {
  server = await serveCli();
}, START_MS);
afterAll(async () => {
  await server?.stop();
});

async function connect(version: string, url: string): Promise<Client> {
  const client = new Client(
    { name: 'test', version: '1' },
    version === '2026-07-28' ? { versionNegotiation: { mode: { pin: version } } } : {},
  );
  const [command, ...args] = [...PROGRAM, 'mcp', '--url', url, '--actor', 'stdio-agent'];
  await client.connect(new StdioClientTransport({ command, args }), { timeout: START_MS });
  return client;
}

describe.each(['2026-07-28', '2025-11-25'])('signalbox mcp, revision %s', (version) => {
  it(
    'lists and calls every tool over standard input and output',
    async () => {
      const client = await connect(version, server.url);
      try {
        expect(client.getNegotiatedProtocolVersion()).toBe(version);
        const { tools } = await client.listTools();
        expect(tools.map(({ name }) => name)).toContain('claim_task');
        const called = new Map<string, string | undefined>();
        for (const { name } of tools) {
          const { isError, content, structuredContent } = await client.callTool({
            name,
            arguments: name === 'enqueue_task' ? { type: 'lint' } : {},
          });
          const [first] = content;
          called.set(name, isError && first?.type === 'text' ? first.text : JSON.stringify(structuredContent));
        }
        expect([...called.keys()]).toEqual(tools.map(({ name }) => name));
        expect(called.get('enqueue_task')).toContain('"status":"queued"');
        expect(called.get('claim_task')).toContain('"agent":"stdio-agent"');
        expect(called.get('fetch_status')).toContain('"items":');
        // Without their arguments the others are refused, and say which they want.
        expect(called.get('heartbeat')).toMatch(/claims/);
        expect(called.get('unlock')).toMatch(/lockId/);
        await expect(client.callTool({ name: 'drop_tables', arguments: {} })).rejects.toMatchObject({ code: -32_602 });
      } finally {
        await client.close();
      }
    },
    START_MS,
  );
});
