import { createInterface } from 'node:readline';
import type { Command } from 'commander';
import { action, type Registry } from '../action.ts';
import { McpProxy } from '../mcp/mcp-proxy.ts';

export function registerMcp(program: Command, registry: Registry): void {
  program
    .command('mcp')
    .description('serve agents over MCP on standard input and output, by the running server')
    .action(
      action<[], object>(registry, async ({ client, io }) => {
        const proxy = new McpProxy(client.mcp, (line) => io.stdout.write(`${line}\n`));
        for await (const line of createInterface({ input: io.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
          if (line.trim() !== '') proxy.take(line);
        }
        await proxy.finished();
      }),
    );
}
