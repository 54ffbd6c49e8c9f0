import type { PermissionRequest, RuntimeEvent } from '@signalbox/core';
import type { OpencodePermissionRequest } from './opencode-event.ts';

export interface PermissionDeskOptions {
  /** The host's decision; null when the run is ending and nobody will decide any more. */
  decide(request: PermissionRequest): Promise<'allow' | 'deny' | null>;
  /** Tells OpenCode; `message` is what the agent is told of a refusal. */
  reply(requestId: string, answer: { reply: 'once' } | { reply: 'reject'; message: string }): Promise<void>;
  record(event: RuntimeEvent): Promise<void>;
}

interface Pending {
  sessionId: string;
  decision: 'allow' | 'deny' | null;
  /** OpenCode answered it by itself: it drops every open question of a session when one is refused. */
  settled: boolean;
}

/**
 * Takes OpenCode's permission questions to the host and its answers back. A refusal waits until the other questions of its
 * session are decided, because OpenCode refuses all that are open along with it; the calls of one step end together
 * anyway, so nothing is lost by waiting.
 */
export class PermissionDesk {
  readonly #options: PermissionDeskOptions;
  readonly #pending = new Map<string, Pending>();
  readonly #waiting = new Set<() => void>();

  constructor(options: PermissionDeskOptions) {
    this.#options = options;
  }

  /** Resolves when the question is answered and its answer recorded. */
  async ask(question: OpencodePermissionRequest, callId: string | null): Promise<void> {
    const request: PermissionRequest = {
      permissionId: question.id,
      kind: question.permission,
      title: titleOf(question),
      patterns: question.patterns,
      callId,
      metadata: question.metadata,
    };
    const pending: Pending = { sessionId: question.sessionID, decision: null, settled: false };
    this.#pending.set(question.id, pending);
    const decided = await this.#decided(pending, request);
    if (decided === 'allow') await this.#reply(question.id, pending, { reply: 'once' });
    else {
      await this.#othersDecided(question.sessionID);
      const message = `This was not permitted: ${request.title}. Go on without it, or find another way.`;
      await this.#reply(question.id, pending, { reply: 'reject', message });
    }
    this.#pending.delete(question.id);
    this.#wake();
    if (decided === null) return;
    const { permissionId, kind, title, patterns } = request;
    const decision = pending.decision ?? decided;
    await this.#options.record({
      type: 'permission',
      permissionId,
      kind,
      title,
      patterns: [...patterns],
      callId,
      decision,
      decidedBy: 'host',
    });
  }

  /** OpenCode says that the question is answered, by us or by itself. */
  replied(requestId: string, reply: string): void {
    const pending = this.#pending.get(requestId);
    if (!pending) return;
    pending.settled = true;
    if (reply === 'reject') pending.decision = 'deny';
  }

  async #decided(pending: Pending, request: PermissionRequest): Promise<'allow' | 'deny' | null> {
    try {
      const decided = await this.#options.decide(request);
      if (!pending.settled) pending.decision = decided ?? 'deny';
      return decided;
    } catch (error) {
      pending.decision = 'deny';
      throw error;
    } finally {
      this.#wake();
    }
  }

  async #reply(id: string, pending: Pending, answer: Parameters<PermissionDeskOptions['reply']>[1]): Promise<void> {
    if (!pending.settled) await this.#options.reply(id, answer);
  }

  async #othersDecided(sessionId: string): Promise<void> {
    const undecided = () =>
      [...this.#pending.values()].some((other) => other.sessionId === sessionId && other.decision !== 'deny');
    while (undecided()) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.add(resolve);
      await promise;
      this.#waiting.delete(resolve);
    }
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }
}

/** One line for a person: what is to be done, to what. */
function titleOf(question: OpencodePermissionRequest): string {
  const { command, filepath, url } = question.metadata;
  const subject = [command, filepath, url].find((value): value is string => typeof value === 'string');
  return `${question.permission}: ${subject ?? question.patterns.join(', ')}`;
}
