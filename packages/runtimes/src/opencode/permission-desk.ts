import type { PermissionRequest, RuntimeEvent } from '@signalbox/core';
import type { OpencodePermissionRequest } from './opencode-event.ts';

export interface PermissionDeskOptions {
  /** The host's decision; null when the run is ending and nobody will decide any more. */
  decide(request: PermissionRequest): Promise<'allow' | 'deny' | null>;
  /** Tells OpenCode; `message` is what the agent is told of a refusal. False when it does not wait for it any more. */
  reply(requestId: string, answer: { reply: 'once' } | { reply: 'reject'; message: string }): Promise<boolean>;
  /** Ids of the calls of a session that run now and may still ask. */
  runningCalls(sessionId: string): string[];
  record(event: RuntimeEvent): Promise<void>;
}

interface Pending {
  sessionId: string;
  callId: string | null;
  decision: 'allow' | 'deny' | null;
  /** OpenCode answered it by itself. */
  settled: boolean;
}

/**
 * Takes OpenCode's permission questions to the host and its answers back.
 *
 * When one question is refused, OpenCode refuses all that are open in the same session along with it. A refusal is
 * therefore given only when no other call of its session runs, and no further one is let go meanwhile; the calls of one
 * step end together anyway, so nothing is lost by waiting.
 */
export class PermissionDesk {
  readonly #options: PermissionDeskOptions;
  readonly #pending = new Map<string, Pending>();
  readonly #waiting = new Set<() => void>();
  /** Refusals being given now, by session. */
  readonly #refusing = new Map<string, Promise<unknown>>();

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
    const pending: Pending = { sessionId: question.sessionID, callId, decision: null, settled: false };
    this.#pending.set(question.id, pending);
    const decided = await this.#decided(pending, request);
    if (decided === 'allow') await this.#allow(question.id, pending);
    else await this.#refuse(question.id, pending, request.title);
    this.#pending.delete(question.id);
    this.callsChanged();
    if (decided === null) return;
    const { permissionId, kind, title, patterns } = request;
    await this.#options.record({
      type: 'permission',
      permissionId,
      kind,
      title,
      patterns: [...patterns],
      callId,
      decision: pending.decision ?? decided,
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

  /** To be called when a call began or ended: a refusal may wait for it. */
  callsChanged(): void {
    for (const wake of this.#waiting) wake();
  }

  /** Resolves when no refusal of the session is on its way; until then no call may be let go. */
  async settled(sessionId: string): Promise<void> {
    for (let refusing = this.#refusing.get(sessionId); refusing; refusing = this.#refusing.get(sessionId))
      await refusing;
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
      this.callsChanged();
    }
  }

  async #allow(id: string, pending: Pending): Promise<void> {
    if (pending.settled) return;
    if (!(await this.#options.reply(id, { reply: 'once' }))) pending.decision = 'deny';
  }

  async #refuse(id: string, pending: Pending, title: string): Promise<void> {
    while (this.#othersRun(pending.sessionId)) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.add(resolve);
      await promise;
      this.#waiting.delete(resolve);
    }
    if (pending.settled) return;
    const message = `This was not permitted: ${title}. Go on without it, or find another way.`;
    const refusing = this.#options.reply(id, { reply: 'reject', message });
    const over = refusing.finally(() => {
      if (this.#refusing.get(pending.sessionId) === over) this.#refusing.delete(pending.sessionId);
    });
    this.#refusing.set(pending.sessionId, over);
    await over;
  }

  /** Whether a call of the session runs, or a question of it is open, that is not itself about to be refused. */
  #othersRun(sessionId: string): boolean {
    const asked = [...this.#pending.values()].filter((pending) => pending.sessionId === sessionId);
    const refused = asked.filter((pending) => pending.decision === 'deny').map((pending) => pending.callId);
    return (
      asked.some((pending) => pending.decision !== 'deny') ||
      this.#options.runningCalls(sessionId).some((callId) => !refused.includes(callId))
    );
  }
}

/** One line for a person: what is to be done, to what. */
function titleOf(question: OpencodePermissionRequest): string {
  const { command, filepath, url } = question.metadata;
  const subject = [command, filepath, url].find((value): value is string => typeof value === 'string');
  return `${question.permission}: ${subject ?? question.patterns.join(', ')}`;
}
