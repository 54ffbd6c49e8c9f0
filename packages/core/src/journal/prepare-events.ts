import { createHash } from 'node:crypto';
import { z } from 'zod';
import { SignalboxError } from '../platform/errors/index.ts';
import type { Ids } from '../platform/ids/ids.ts';
import { isTooDeep, MAX_JSON_DEPTH, whyUnstorable } from '../platform/json/storable-json.ts';
import { redactSerialised } from '../platform/redaction/index.ts';
import { type AppendEvent, appendEventSchema } from './journal-event.ts';

/** Payloads over this many bytes of JSON stand apart, under their digest (design.md §2). */
export const INLINE_PAYLOAD_BYTES = 64 * 1024;
/**
 * Most bytes of JSON one event may hold. Far above any message or diff worth reading, and low enough that a handful of
 * them neither fills the queue nor one statement; whole files belong into captures.
 */
export const MAX_EVENT_BYTES = 8 * 1024 * 1024;

/** One event ready to be stored, as JSON text without its leading brace: the batch puts its place in front. */
export interface PreparedEvent {
  eventId: string;
  json: string;
  transition: { to: string; reopen: boolean } | null;
  /** A payload that stands apart. */
  body: { digest: string; text: string } | null;
}

/** The events of one append, each id once. */
export interface PreparedEvents {
  events: readonly PreparedEvent[];
  /** For each event as given: which of `events` it is. */
  places: readonly number[];
  /** Bytes of JSON in all. */
  weight: number;
}

/** The payload is checked by writing it out, which has to be done anyway and costs a tenth of walking it with a schema. */
const envelopeSchema = appendEventSchema.extend({ payload: z.unknown().optional() });

/**
 * Checks and writes out events: defaults filled, secrets redacted, large payloads set apart.
 * @throws VALIDATION_FAILED, JOURNAL_EVENT_TOO_LARGE
 */
export function prepareEvents(events: readonly AppendEvent[], ids: Ids, now: Date): PreparedEvents {
  if (events.length === 0) throw new SignalboxError('VALIDATION_FAILED', { reason: 'no events were given' });
  const prepared: PreparedEvent[] = [];
  const known = new Map<string, number>();
  const places: number[] = [];
  let weight = 0;
  for (const event of events) {
    const one = prepare(event, ids, now);
    const place = known.get(one.eventId) ?? prepared.push(one) - 1;
    known.set(one.eventId, place);
    places.push(place);
    weight += one.json.length + (one.body?.text.length ?? 0);
  }
  return { events: prepared, places, weight };
}

function prepare(given: AppendEvent, ids: Ids, now: Date): PreparedEvent {
  const parsed = envelopeSchema.safeParse(given);
  if (!parsed.success) throw new SignalboxError('VALIDATION_FAILED', { reason: z.prettifyError(parsed.error) });
  const event = parsed.data;
  const payload = serialise(event.payload ?? null);
  const bytes = Buffer.byteLength(payload);
  const digest = bytes > INLINE_PAYLOAD_BYTES ? createHash('sha256').update(payload).digest('hex') : null;
  const { reopen = false, ...transition } = event.stateTransition ?? {};
  const eventId = event.eventId ?? ids.uuid();
  const rest = JSON.stringify({
    id: eventId,
    type: event.type,
    actor: event.actor,
    change: event.changeInfo ?? undefined,
    transition: event.stateTransition ? { ...transition, ...(reopen ? { reopen } : {}) } : undefined,
    impact: event.impact ?? undefined,
    digest: digest ? `\\x${digest}` : undefined,
    bytes: payload === 'null' ? 0 : bytes,
    at: event.occurredAt ?? now.toISOString(),
  });
  const size = Buffer.byteLength(rest) + bytes;
  if (size > MAX_EVENT_BYTES) throw new SignalboxError('JOURNAL_EVENT_TOO_LARGE', { limit: MAX_EVENT_BYTES, size });
  const inline = digest || payload === 'null' ? '' : `"payload":${payload},`;
  const unstorable = whyUnstorable(payload) ?? whyUnstorable(rest);
  if (unstorable) throw new SignalboxError('VALIDATION_FAILED', { reason: unstorable });
  return {
    eventId,
    json: inline + rest.slice(1),
    transition: event.stateTransition ? { to: event.stateTransition.to, reopen } : null,
    body: digest ? { digest, text: payload } : null,
  };
}

function serialise(payload: unknown): string {
  if (isTooDeep(payload)) {
    throw new SignalboxError('VALIDATION_FAILED', { reason: `the payload nests deeper than ${MAX_JSON_DEPTH} levels` });
  }
  const text = JSON.stringify(payload);
  const clean = redactSerialised(payload, text);
  return clean === payload ? text : JSON.stringify(clean);
}
