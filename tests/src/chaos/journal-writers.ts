import { randomUUID } from 'node:crypto';

/** An event whose writer was told that it is recorded. */
export interface Acknowledged {
  sessionId: string;
  eventId: string;
  seq: number;
  writer: number;
  /** Which of its writer's events it is, from 0 on. */
  turn: number;
}

/** An answer that was no success. */
export interface Refusal {
  status: number;
  contentType: string | null;
  /** The problem document's code. */
  code: unknown;
}

/** Between attempts at the same event, so that a server that is away is not drowned in them. */
const PAUSE_MS = 25;

/**
 * Clients that append events over HTTP for as long as they are let, one at a time each, and repeat an event with its id
 * until it is acknowledged. They count what they were told and nothing else.
 */
export class JournalWriters {
  readonly acknowledged: Acknowledged[] = [];
  readonly refusals: Refusal[] = [];
  /** Attempts that got no answer at all. */
  unanswered = 0;
  readonly #address: string;
  readonly #sessions: readonly string[];
  readonly #stopping = new AbortController();
  readonly #loops: Promise<void>[];

  constructor(options: { address: string; sessions: readonly string[]; writers: number }) {
    this.#address = options.address;
    this.#sessions = options.sessions;
    this.#loops = Array.from({ length: options.writers }, (_, writer) => this.#write(writer));
  }

  /** Lets the attempts under way end. What is not acknowledged by then may or may not be recorded. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#loops);
  }

  async #write(writer: number): Promise<void> {
    for (let turn = 0; !this.#stopping.signal.aborted; turn++) {
      const sessionId = this.#sessions[(writer + turn) % this.#sessions.length] ?? '';
      const event = { eventId: randomUUID(), type: 'message', actor: ACTOR, payload: { writer, turn } };
      let seq: number | null = null;
      while (seq === null && !this.#stopping.signal.aborted) {
        seq = await this.#attempt(sessionId, event);
        if (seq === null) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
      if (seq !== null) this.acknowledged.push({ sessionId, eventId: event.eventId, seq, writer, turn });
    }
  }

  /** The event's number; null when it was not acknowledged. */
  async #attempt(sessionId: string, event: Record<string, unknown>): Promise<number | null> {
    try {
      const response = await fetch(`${this.#address}/api/v1/sessions/${sessionId}/journal`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ events: [event] }),
      });
      const answer = (await response.json()) as { items?: { seq: number }[]; code?: unknown };
      const seq = response.ok ? answer.items?.[0]?.seq : undefined;
      if (seq !== undefined) return seq;
      const contentType = response.headers.get('content-type');
      this.refusals.push({ status: response.status, contentType, code: answer.code });
    } catch (error) {
      // fetch throws a TypeError for every broken connection, and JSON.parse a SyntaxError for an answer cut short.
      if (!(error instanceof TypeError || error instanceof SyntaxError)) throw error;
      this.unanswered++;
    }
    return null;
  }
}

/** Whose events these are, among those of runs. */
export const ACTOR = 'chaos-writer';
