import { LRUCache } from 'lru-cache';
import type { SeenSpan } from './traces.ts';

/** Spans that are remembered of all projects, and those that wait for a parent; some 300 bytes each. */
const MOST_SPANS = 100_000;
/** Most spans that wait for the same one: a message may have many readers. */
const MOST_WAITING = 100;

export interface Met {
  caller: SeenSpan;
  callee: SeenSpan;
}

/**
 * Ends of calls that have not met: each service sends its own spans, and the called one is done first. It is of this process alone: what
 * two nodes hear of one call does not meet, which a call that is seen again makes up for.
 */
export class SpanMemory {
  readonly #seen = new LRUCache<string, SeenSpan>({ max: MOST_SPANS });
  readonly #waiting = new LRUCache<string, SeenSpan[]>({ max: MOST_SPANS });
  readonly #prefix: string;

  /** @param shared what is kept of all projects */
  constructor(projectId = '', shared?: SpanMemory) {
    this.#prefix = projectId;
    if (shared) {
      this.#seen = shared.#seen;
      this.#waiting = shared.#waiting;
    }
  }

  /** The same memory, for the spans of one project. */
  of(projectId: string): SpanMemory {
    return new SpanMemory(projectId, this);
  }

  /** A span, and those that it may have been called by; answers the calls of which both ends are known by that. */
  meet(id: string, span: SeenSpan, callers: readonly string[]): Met[] {
    const own = `${this.#prefix} ${id}`;
    this.#seen.set(own, span);
    const met = (this.#waiting.get(own) ?? []).map((callee) => ({ caller: span, callee }));
    this.#waiting.delete(own);
    for (const name of callers) {
      const key = `${this.#prefix} ${name}`;
      const caller = this.#seen.get(key);
      if (caller) met.push({ caller, callee: span });
      else this.#waiting.set(key, [...(this.#waiting.get(key) ?? []), span].slice(-MOST_WAITING));
    }
    return met;
  }
}
