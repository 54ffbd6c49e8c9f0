import type { CallToolResult } from '@modelcontextprotocol/server';

/** An answer as the result of a tool: structured, and as text for clients that read nothing else. */
export function successOf(answer: unknown): CallToolResult {
  return {
    content: [{ type: 'text', text: JSON.stringify(answer) }],
    structuredContent: answer as Record<string, unknown>,
  };
}
