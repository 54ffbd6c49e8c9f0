import type { RuntimeEvent } from '@signalbox/core';
import type { OpencodeEvent, OpencodeFailure, OpencodeMessage, OpencodeToolPart } from './opencode-event.ts';
import { TextParts } from './text-parts.ts';
import type { ToolCalls } from './tool-calls.ts';

/** What a run used, summed over its messages and those of its subagents. */
export interface RunTotals {
  inputTokens: number;
  outputTokens: number;
  reasoningTokens: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
  costUsd: number | null;
}

export interface RunFailure {
  name: string;
  message: string;
  retryable: boolean;
}

type AssistantMessage = Extract<OpencodeMessage, { role: 'assistant' }>;

/**
 * Turns the event stream of OpenCode's server into the events that the port knows, each thing exactly once and in the
 * order in which it came: the server repeats messages and parts as they grow.
 *
 * Messages are told of the run's own session only. Tool calls and usage are told of its subagents too, since they change
 * files and cost money; what a subagent says ends up in the result of the call that started it.
 */
export class EventTranslator {
  readonly #root: string;
  readonly #sessions: Set<string>;
  readonly #ignored: ReadonlySet<string>;
  readonly #calls: ToolCalls;
  readonly #texts = new TextParts();
  readonly #metered = new Set<string>();
  readonly #toldErrors = new Set<string>();
  readonly #messages = new Map<string, OpencodeMessage['role']>();
  #lastMessageId: string | null = null;
  #phase: string | null = null;
  #failure: RunFailure | null = null;
  #totals: RunTotals = {
    inputTokens: 0,
    outputTokens: 0,
    reasoningTokens: 0,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    costUsd: null,
  };

  /** @param earlierMessages ids of the messages that were there before this run: recorded by the run that made them. */
  constructor(sessionId: string, earlierMessages: Iterable<string>, calls: ToolCalls) {
    this.#root = sessionId;
    this.#sessions = new Set([sessionId]);
    this.#ignored = new Set(earlierMessages);
    this.#calls = calls;
  }

  /** Id of the newest message of the run. */
  get lastMessageId(): string | null {
    return this.#lastMessageId;
  }

  /** Text of the last thing the assistant said as a whole. */
  get text(): string {
    return this.#texts.lastText;
  }

  get totals(): RunTotals {
    return this.#totals;
  }

  /** The error that the last message ended in; null when it ended well. */
  get failure(): RunFailure | null {
    return this.#failure;
  }

  /** Whether the session is the run's or one of its subagents'. */
  concerns(sessionId: string): boolean {
    return this.#sessions.has(sessionId);
  }

  /** What is left to tell when the stream has ended. */
  conclude(): RuntimeEvent[] {
    return this.#texts.closeAll();
  }

  translate(event: OpencodeEvent): RuntimeEvent[] {
    switch (event.type) {
      case 'session.created': {
        const { id, parentID } = event.properties.info;
        if (parentID && this.#sessions.has(parentID)) this.#sessions.add(id);
        return [];
      }
      case 'session.status':
        if (event.properties.sessionID !== this.#root) return [];
        return this.#status(event.properties.status);
      case 'session.compacted':
        return event.properties.sessionID === this.#root ? [status('compacted', {})] : [];
      case 'todo.updated':
        return event.properties.sessionID === this.#root ? [status('todo', { todos: event.properties.todos })] : [];
      case 'session.error': {
        const { sessionID, error } = event.properties;
        if (!error || (sessionID !== undefined && !this.#sessions.has(sessionID))) return [];
        return this.#error(error, sessionID === this.#root);
      }
      case 'message.updated':
        return this.#concernsMessage(event.properties.info.sessionID, event.properties.info.id)
          ? this.#message(event.properties.info)
          : [];
      case 'message.part.delta': {
        const { sessionID, messageID, partID, field, delta } = event.properties;
        if (sessionID !== this.#root || this.#ignored.has(messageID) || field !== 'text') return [];
        return this.#texts.piece(partID, delta);
      }
      case 'message.part.updated':
        return this.#part(event.properties.part);
      default:
        return [];
    }
  }

  #concernsMessage(sessionId: string, messageId: string): boolean {
    return this.#sessions.has(sessionId) && !this.#ignored.has(messageId);
  }

  #status(now: { type: string; [key: string]: unknown }): RuntimeEvent[] {
    const { type, ...detail } = now;
    if (type === this.#phase && type !== 'retry') return [];
    this.#phase = type;
    return [status(type, detail)];
  }

  #error(error: OpencodeFailure, ofRoot: boolean): RuntimeEvent[] {
    const failure = describeFailure(error);
    if (ofRoot) this.#failure = failure;
    // The same error comes with its message and by itself, in either order.
    const key = JSON.stringify([failure.name, failure.message]);
    if (this.#toldErrors.has(key)) return [];
    this.#toldErrors.add(key);
    return [{ type: 'error', ...failure }];
  }

  #message(message: OpencodeMessage): RuntimeEvent[] {
    this.#messages.set(message.id, message.role);
    const ofRoot = message.sessionID === this.#root;
    if (ofRoot && (this.#lastMessageId === null || message.id > this.#lastMessageId)) this.#lastMessageId = message.id;
    if (message.role !== 'assistant') return [];
    if (message.error) return [...this.#usage(message), ...this.#error(message.error, ofRoot)];
    if (ofRoot && message.time.completed !== undefined) this.#failure = null;
    return this.#usage(message);
  }

  #usage(message: AssistantMessage): RuntimeEvent[] {
    if (message.time.completed === undefined || this.#metered.has(message.id)) return [];
    const { input, output, reasoning, cache } = message.tokens;
    const tokens = {
      inputTokens: count(input),
      outputTokens: count(output),
      reasoningTokens: count(reasoning),
      cacheReadTokens: count(cache.read),
      cacheWriteTokens: count(cache.write),
    };
    if (Object.values(tokens).every((number) => number === 0)) return [];
    this.#metered.add(message.id);
    // OpenCode reckons 0 for a model whose price it does not know.
    const costUsd = message.cost > 0 ? message.cost : null;
    const { costUsd: before, ...sums } = this.#totals;
    this.#totals = {
      inputTokens: sums.inputTokens + tokens.inputTokens,
      outputTokens: sums.outputTokens + tokens.outputTokens,
      reasoningTokens: sums.reasoningTokens + tokens.reasoningTokens,
      cacheReadTokens: sums.cacheReadTokens + tokens.cacheReadTokens,
      cacheWriteTokens: sums.cacheWriteTokens + tokens.cacheWriteTokens,
      costUsd: costUsd === null ? before : (before ?? 0) + costUsd,
    };
    return [{ type: 'usage', model: `${message.providerID}/${message.modelID}`, ...tokens, costUsd }];
  }

  #part(part: Extract<OpencodeEvent, { type: 'message.part.updated' }>['properties']['part']): RuntimeEvent[] {
    if (!this.#concernsMessage(part.sessionID, part.messageID)) return [];
    if (isToolPart(part)) {
      if (part.state.status === 'pending') return [];
      return [...this.#texts.close(part.messageID), ...this.#tool(part)];
    }
    if (!('text' in part) || part.sessionID !== this.#root) return [];
    return this.#texts.update(
      part as Parameters<TextParts['update']>[0],
      this.#messages.get(part.messageID) ?? 'assistant',
    );
  }

  #tool(part: OpencodeToolPart): RuntimeEvent[] {
    const { state } = part;
    if (state.status === 'pending') return [];
    const events: RuntimeEvent[] = [];
    let call = this.#calls.ofPart(part.id);
    if (!call) {
      const taken = this.#calls.fromPart(part, state.input);
      call = taken.call;
      if (taken.isNew) {
        const { callId, tool } = call;
        // A subagent's message is none of the session that is forked.
        const message = part.sessionID === this.#root ? { messageId: part.messageID } : {};
        events.push({ type: 'tool_call', callId, tool, arguments: { ...state.input }, ...message });
      }
    }
    if (state.status === 'running' || call.over) return events;
    call.over = true;
    events.push({
      type: 'tool_result',
      callId: call.callId,
      tool: call.tool,
      status: state.status === 'completed' ? 'completed' : call.refusal === null ? 'error' : 'denied',
      output: state.status === 'completed' ? state.output : state.error,
      title: (state.status === 'completed' && state.title) || null,
      durationMs: state.time.end === undefined ? null : Math.max(0, state.time.end - state.time.start - call.heldMs),
      metadata: { ...state.metadata, ...(part.sessionID === this.#root ? {} : { subagentSessionId: part.sessionID }) },
    });
    return events;
  }
}

function describeFailure(error: OpencodeFailure): RunFailure {
  return {
    name: error.name,
    message: error.data?.message ?? error.name,
    retryable: error.data?.isRetryable ?? false,
  };
}

function isToolPart(part: { type: string }): part is OpencodeToolPart {
  return part.type === 'tool';
}

function status(phase: string, detail: Record<string, unknown>): RuntimeEvent {
  return { type: 'status', phase, detail };
}

/** A model's own figures can be missing or nonsense; what is recorded is a whole number of tokens. */
function count(tokens: number): number {
  return Number.isFinite(tokens) && tokens > 0 ? Math.round(tokens) : 0;
}
