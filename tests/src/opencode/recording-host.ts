import type { PermissionRequest, RunHost, RuntimeEvent, ToolCall, ToolDecision, ToolResult } from '@signalbox/core';

type EventOf<T extends RuntimeEvent['type']> = Extract<RuntimeEvent, { type: T }>;

export interface HostAnswers {
  emit?: (event: RuntimeEvent) => Promise<void>;
  toolBefore?: (call: ToolCall) => Promise<ToolDecision>;
  permission?: (request: PermissionRequest) => Promise<'allow' | 'deny'>;
}

/** A host that allows everything unless told otherwise, and keeps what it was told, in order. */
export class RecordingHost implements RunHost {
  readonly events: RuntimeEvent[] = [];
  readonly permissions: PermissionRequest[] = [];
  readonly results: { call: ToolCall; result: ToolResult }[] = [];
  /** What happened around tool calls, as `<what> <tool>`, in order. */
  readonly order: string[] = [];
  readonly #answers: HostAnswers;
  readonly #waiting = new Set<() => void>();

  constructor(answers: HostAnswers = {}) {
    this.#answers = answers;
  }

  async emit(event: RuntimeEvent): Promise<void> {
    await this.#answers.emit?.(event);
    this.events.push(event);
    if (event.type === 'tool_call' || event.type === 'tool_result') this.order.push(`${event.type} ${event.tool}`);
    for (const wake of this.#waiting) wake();
  }

  async toolBefore(call: ToolCall): Promise<ToolDecision> {
    this.order.push(`before ${call.tool}`);
    return (await this.#answers.toolBefore?.(call)) ?? { decision: 'allow' };
  }

  async toolGoesOn({ tool }: ToolCall): Promise<void> {
    this.order.push(`goes on ${tool}`);
  }

  async toolAfter(call: ToolCall, result: ToolResult): Promise<void> {
    this.order.push(`after ${call.tool}`);
    this.results.push({ call, result });
  }

  async permission(request: PermissionRequest): Promise<'allow' | 'deny'> {
    this.permissions.push(request);
    return (await this.#answers.permission?.(request)) ?? 'allow';
  }

  of<T extends RuntimeEvent['type']>(type: T): EventOf<T>[] {
    return this.events.filter((event): event is EventOf<T> => event.type === type);
  }

  /** Whole messages of a role, in order. */
  said(role: EventOf<'message'>['role']): string[] {
    return this.of('message')
      .filter((message) => message.role === role && message.final)
      .map((message) => message.text);
  }

  /** Resolves with the first event that fits, now or later. */
  seen(fits: (event: RuntimeEvent) => boolean): Promise<RuntimeEvent> {
    return new Promise((resolve) => {
      const look = () => {
        const event = this.events.find(fits);
        if (!event) return;
        this.#waiting.delete(look);
        resolve(event);
      };
      this.#waiting.add(look);
      look();
    });
  }
}
