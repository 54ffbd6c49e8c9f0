/** How an agent starts the program. */
export interface Launch {
  /** The words that start it. */
  words: readonly string[];
  /** What follows them, for hooks and for the MCP server alike. */
  options: readonly string[];
  /** Seconds that the hook of a tool call may take. */
  gatedSeconds: number;
}

/** What an agent gives the hook of a tool call, in seconds, unless told otherwise. */
export const GATED_SECONDS = 600;

/** The words that start our MCP server. */
export function serverWords({ words, options }: Launch): string[] {
  return [...words, 'mcp', ...options];
}

/** The words that start a hook; one of a tool call waits for people ten seconds less than it may take. */
export function hookWords(agent: string, { words, options, gatedSeconds }: Launch, gated: boolean): string[] {
  const wait = gated ? ['--wait', String(Math.max(0, gatedSeconds - 10))] : [];
  return [...words, 'hook', agent, ...options, ...wait];
}
