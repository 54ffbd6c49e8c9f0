import type { Client, McpMessage } from '@signalbox/client';

const PARSE_ERROR = -32_700;
const INTERNAL_ERROR = -32_603;

/** Passes MCP messages from lines of standard input on to the server, and what it answers back. Decides nothing. */
export class McpProxy {
  readonly #mcp: Pick<Client['mcp'], 'send'>;
  readonly #write: (line: string) => void;
  readonly #running = new Map<string | number, AbortController>();
  readonly #all = new Set<Promise<void>>();
  #protocolVersion: string | undefined;

  constructor(mcp: Pick<Client['mcp'], 'send'>, write: (line: string) => void) {
    this.#mcp = mcp;
    this.#write = write;
  }

  /** Takes one line; its answer is written when it comes, whatever else is under way. */
  take(line: string): void {
    let message: McpMessage;
    try {
      message = JSON.parse(line) as McpMessage;
    } catch (error) {
      this.#refuse(null, PARSE_ERROR, `The line is not JSON: ${textOf(error)}`);
      return;
    }
    if (message.method === 'notifications/cancelled') this.#cancel(message.params?.requestId);
    const work = this.#pass(message).finally(() => this.#all.delete(work));
    this.#all.add(work);
  }

  /** Resolves when everything that was taken is answered. */
  async finished(): Promise<void> {
    while (this.#all.size > 0) await Promise.all(this.#all);
  }

  async #pass(message: McpMessage): Promise<void> {
    const id = message.method === undefined ? null : (message.id ?? null);
    const abort = new AbortController();
    if (id !== null) this.#running.set(id, abort);
    try {
      for await (const answer of this.#mcp.send(message, {
        signal: abort.signal,
        protocolVersion: this.#protocolVersion,
      })) {
        if (message.method === 'initialize') this.#agree(answer.result);
        this.#write(JSON.stringify(answer));
      }
    } catch (error) {
      // Who cancelled a request waits for no answer; a notification has none.
      if (id !== null && !abort.signal.aborted) this.#refuse(id, INTERNAL_ERROR, textOf(error));
    } finally {
      if (id !== null) this.#running.delete(id);
    }
  }

  #agree(result: unknown): void {
    if (typeof result !== 'object' || result === null || !('protocolVersion' in result)) return;
    if (typeof result.protocolVersion === 'string') this.#protocolVersion = result.protocolVersion;
  }

  #cancel(id: unknown): void {
    if (typeof id === 'string' || typeof id === 'number') this.#running.get(id)?.abort();
  }

  #refuse(id: string | number | null, code: number, message: string): void {
    this.#write(JSON.stringify({ jsonrpc: '2.0', id, error: { code, message } }));
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
