import { deliverHook, type HookAnswer, type HookDelivery, type ReportHook } from '@signalbox/client/hooks';
import { readMemory, writeMemory } from './hook-memory.ts';
import type { HookOptions } from './hook-options.ts';
import { HookSpool } from './hook-spool.ts';

/** Longest turn of waiting for people within one request, in seconds. */
const TURN_SECONDS = 10;
/** How long an answer may take beside that, in milliseconds: a large tree is captured, a neighbour's call is waited for. */
const ANSWER_MS = 45_000;
/** How long events that nobody waits for may take in all, in milliseconds: less than the minute that the agent gives them. */
const UNGATED_MS = 50_000;
/** For so long a server that did not answer in time is left alone, in milliseconds. */
const QUIET_MS = 60_000;
/** Wait between two tries once people are being asked, in milliseconds. */
const RETRY_MS = 1_000;

/** What the agent is told of a call. */
export type Verdict =
  | { decision: 'none' }
  | { decision: 'allow'; reason: string; arguments: Record<string, unknown> | null }
  | { decision: 'deny'; reason: string };

export interface HookParts {
  options: HookOptions;
  /** Where it keeps what it must know between two calls. */
  place: string;
  now(): number;
  uuid(): string;
  sleep(ms: number): Promise<void>;
  warn(text: string): void;
}

/**
 * Tells the server of one event, and waits for its answer where the event is one that asks (`gated`). What could not be told
 * before goes first, in its order. Where nobody can be asked the call passes, and is told later; a policy may want it refused
 * instead, of which a copy is kept here. Once people are being asked, it never passes without them.
 */
export async function runHook(
  parts: HookParts,
  event: Record<string, unknown>,
  { gated, directory }: { gated: boolean; directory: string | undefined },
): Promise<Verdict> {
  const { options, place, now, uuid } = parts;
  const started = now();
  const at = new Date(started).toISOString();
  const report: ReportHook = { eventId: uuid(), at, event, ...(directory ? { directory } : {}) };
  const spool = new HookSpool(place);
  const deadline = started + (gated ? options.waitSeconds * 1000 : UNGATED_MS);
  const ask = new Conversation(parts, deadline);
  const { quietUntil, unreachable } = readMemory(place);
  const quiet = unreachable === 'allow' && quietUntil > started;
  if (quiet || !(await ask.catchUp(spool))) return ask.unheard(spool, report, gated);
  if (!gated) {
    const told = await ask.deliver(report, ANSWER_MS);
    if (told.outcome === 'unreachable') return ask.unheard(spool, report, false);
    if (told.outcome === 'refused') parts.warn(`Signalbox does not take this event: ${told.reason}`);
    return { decision: 'none' };
  }
  return ask.decide(spool, report);
}

class Conversation {
  readonly #parts: HookParts;
  readonly #deadline: number;

  constructor(parts: HookParts, deadline: number) {
    this.#parts = parts;
    this.#deadline = deadline;
  }

  /** Tells what could not be told before. False where that is not possible now either. */
  async catchUp(spool: HookSpool): Promise<boolean> {
    for (const name of spool.names()) {
      const late = spool.read(name);
      if (late === null) continue;
      if (this.#parts.now() >= this.#deadline) return false;
      const told = await this.deliver({ ...late.report, late: true }, ANSWER_MS, late.source);
      if (told.outcome === 'unreachable') return false;
      if (told.outcome === 'refused') spool.setAside(name);
      else spool.remove(name);
    }
    return true;
  }

  /** Asks in short turns until there is an answer, or no time left. */
  async decide(spool: HookSpool, report: ReportHook): Promise<Verdict> {
    let held: HookAnswer | null = null;
    for (;;) {
      const left = Math.max(0, this.#deadline - this.#parts.now());
      const final = left <= TURN_SECONDS * 1000;
      const waitSeconds = Math.min(TURN_SECONDS, left / 1000);
      const limit = held ? left + RETRY_MS : ANSWER_MS + waitSeconds * 1000;
      const told = await this.deliver({ ...report, waitSeconds, final }, limit);
      if (told.outcome === 'answered') {
        const verdict = verdictOf(told.answer);
        if (verdict !== null) return verdict;
        held = told.answer;
        continue;
      }
      // It is there, and cannot decide about this: what nobody has looked at does not pass.
      if (told.outcome === 'refused') return { decision: 'deny', reason: `Signalbox could not decide: ${told.reason}` };
      if (held === null) return this.unheard(spool, report, true);
      // People are being asked: the call does not pass without them, whatever has become of the server.
      if (final) return { decision: 'deny', reason: held.reason ?? 'Nobody has decided yet. Retry this exact call.' };
      await this.#parts.sleep(RETRY_MS);
    }
  }

  /** Keeps it to be told later, and does with the call as the policies want it. */
  unheard(spool: HookSpool, report: ReportHook, gated: boolean): Verdict {
    const { options, place } = this.#parts;
    spool.put({ source: options.source, report });
    if (!gated || readMemory(place).unreachable === 'allow') return { decision: 'none' };
    const reason = `Refused: Signalbox at ${options.url} cannot be reached, and the policies want every call decided. Try again once it is back.`;
    return { decision: 'deny', reason };
  }

  async deliver(
    report: ReportHook,
    timeoutMs: number,
    source: string = this.#parts.options.source,
  ): Promise<HookDelivery> {
    const { options, place, now, uuid } = this.#parts;
    const { url: baseUrl, token, project, actor } = options;
    const told = await deliverHook({ baseUrl, token, project, actor }, source, report, timeoutMs);
    const memory = readMemory(place);
    if (told.outcome === 'answered' && told.answer.unreachable !== memory.unreachable)
      writeMemory(place, { ...memory, unreachable: told.answer.unreachable }, uuid());
    if (told.outcome === 'unreachable' && told.timedOut)
      writeMemory(place, { ...memory, quietUntil: now() + QUIET_MS }, uuid());
    return told;
  }
}

/** Null where nobody has answered yet. */
function verdictOf({ decision, reason, arguments: edited }: HookAnswer): Verdict | null {
  switch (decision) {
    case 'none':
      return { decision };
    case 'allow':
      return { decision, reason: reason ?? '', arguments: edited };
    case 'deny':
      return { decision, reason: reason ?? 'Refused by Signalbox.' };
    case 'held':
      return null;
  }
}
