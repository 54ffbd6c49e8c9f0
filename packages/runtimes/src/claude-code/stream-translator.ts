import type { RunOutcome, RuntimeEvent } from '@signalbox/core';
import { contentBlocks, type StreamLine, type StreamUsage, toolResults } from './stream-line.ts';

type Usage = Extract<RuntimeEvent, { type: 'usage' }>;
type Counts = Pick<Usage, 'inputTokens' | 'outputTokens' | 'cacheReadTokens' | 'cacheWriteTokens'>;

const NOTHING: Counts = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };

/**
 * Makes events of the lines that Claude Code prints. Tokens are told with each answer of the model, as far as it says them
 * then, so that a budget holds while it works; what is missing of them, and what it cost, at the end.
 */
export class StreamTranslator {
  /** How it names its session, and the last of its messages. */
  sessionId: string | null = null;
  messageId: string | null = null;
  /** How it ended; null as long as it works. */
  outcome: Pick<RunOutcome, 'status' | 'error' | 'result'> | null = null;
  readonly #answers = new Set<string>();
  readonly #tools = new Map<string, string>();
  #model: string | null = null;
  #told: Counts = NOTHING;

  /** The name of the tool of a call that was told. */
  toolOf(callId: string): string | undefined {
    return this.#tools.get(callId);
  }

  /** Notes a call that was told in another way than by a line. False where it was told already. */
  noteCall(callId: string, tool: string): boolean {
    if (this.#tools.has(callId)) return false;
    this.#tools.set(callId, tool);
    return true;
  }

  translate(line: StreamLine): RuntimeEvent[] {
    switch (line.type) {
      case 'system':
        return this.#system(line);
      case 'assistant':
        return this.#assistant(line);
      case 'user':
        return this.#user(line);
      case 'result':
        return this.#result(line);
    }
  }

  #system({
    subtype,
    session_id: session,
    model,
    claude_code_version: version,
  }: Extract<StreamLine, { type: 'system' }>) {
    if (session !== undefined) this.sessionId = session;
    if (subtype !== 'init') return [];
    this.#model = model ?? null;
    const detail = { runtimeSessionId: this.sessionId, model: this.#model, version: version ?? null };
    return [{ type: 'status', phase: 'opened', detail } satisfies RuntimeEvent];
  }

  #assistant({ uuid, message }: Extract<StreamLine, { type: 'assistant' }>): RuntimeEvent[] {
    this.messageId = uuid;
    this.#model = message.model ?? this.#model;
    const events: RuntimeEvent[] = [];
    for (const block of contentBlocks(message.content)) {
      if (block.type === 'text') events.push(said('assistant', uuid, block.text));
      else if (block.type === 'thinking') events.push(said('reasoning', uuid, block.thinking));
      else if (this.noteCall(block.id, block.name)) {
        const { id: callId, name: tool, input } = block;
        events.push({ type: 'tool_call', callId, tool, arguments: input, messageId: uuid });
      }
    }
    // An answer comes in several lines, each with the same counts.
    if (message.usage && !this.#answers.has(message.id)) {
      this.#answers.add(message.id);
      events.push(this.#usage(countsOf(message.usage), null));
    }
    return events;
  }

  #user({ message }: Extract<StreamLine, { type: 'user' }>): RuntimeEvent[] {
    if (typeof message.content === 'string') return [];
    return toolResults(message.content).map(({ tool_use_id: callId, content, is_error: failed }) => ({
      type: 'tool_result',
      callId,
      tool: this.#tools.get(callId) ?? 'unknown',
      status: failed === true ? 'error' : 'completed',
      output: textOf(content),
      title: null,
      durationMs: null,
      metadata: {},
    }));
  }

  #result(line: Extract<StreamLine, { type: 'result' }>): RuntimeEvent[] {
    if (line.session_id !== undefined) this.sessionId = line.session_id;
    const { subtype, result, num_turns: turns = null, total_cost_usd: costUsd = null } = line;
    const failed = line.is_error || subtype !== 'success';
    const message = result ?? line.errors?.join('; ') ?? subtype;
    const error = failed ? { name: 'CLAUDE_CODE_FAILED', message: `${subtype}: ${message}`, retryable: true } : null;
    this.outcome = { status: failed ? 'failed' : 'completed', error, result: { message: result ?? null, turns } };
    const total = line.usage ? countsOf(line.usage) : this.#told;
    const left = mapCounts(total, this.#told, (all, told) => Math.max(0, all - told));
    return [this.#usage(left, costUsd)];
  }

  #usage(counts: Counts, costUsd: number | null): RuntimeEvent {
    this.#told = mapCounts(this.#told, counts, (told, more) => told + more);
    return { type: 'usage', model: this.#model, reasoningTokens: 0, ...counts, costUsd };
  }
}

function countsOf(usage: StreamUsage): Counts {
  return {
    inputTokens: usage.input_tokens,
    outputTokens: usage.output_tokens,
    cacheReadTokens: usage.cache_read_input_tokens ?? 0,
    cacheWriteTokens: usage.cache_creation_input_tokens ?? 0,
  };
}

function mapCounts(a: Counts, b: Counts, each: (a: number, b: number) => number): Counts {
  return {
    inputTokens: each(a.inputTokens, b.inputTokens),
    outputTokens: each(a.outputTokens, b.outputTokens),
    cacheReadTokens: each(a.cacheReadTokens, b.cacheReadTokens),
    cacheWriteTokens: each(a.cacheWriteTokens, b.cacheWriteTokens),
  };
}

function said(role: 'assistant' | 'reasoning', messageId: string, text: string): RuntimeEvent {
  return { type: 'message', role, messageId, text, final: true };
}

/** Results are a text, or blocks of which some are texts. */
function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return JSON.stringify(content ?? null);
  return content
    .map((block: unknown) =>
      typeof block === 'object' && block !== null && 'text' in block ? String(block.text) : JSON.stringify(block),
    )
    .join('\n');
}
