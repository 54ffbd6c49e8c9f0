import type { Clock } from '../platform/clock/clock.ts';
import { SignalboxError } from '../platform/errors/index.ts';
import type { Grant } from './lock.ts';
import type { LockHints } from './lock-hints.ts';
import type { LockRequest } from './lock-request.ts';
import type { LockVerdict } from './lock-store.ts';
import type { LockVerbs } from './lock-verbs.ts';

/** How often a waiter looks although nobody woke it. */
const POLL_MS = 1_000;
/** A waiter in a process that is gone blocks the queue no longer than this (ORC-174). */
export const WAITER_LEASE_MS = 5_000;
/** How often an attempt whose outcome is unknown is asked about again, and after how long. */
const REPEATS = 3;
const REPEAT_MS = 200;

export interface WaitParts {
  clock: Clock;
  verbs: LockVerbs;
  hints: LockHints;
  /** Told when a name is acquired out of order (ORC-184). */
  onDisorder(request: LockRequest, greater: string): void;
}

export interface WaitOptions {
  /** How long to stay here; the request may wait longer than that. */
  forMs: number;
  leaseMs: number;
  signal?: AbortSignal | undefined;
}

/** What waiting came to: the lock, or still in the queue (the time is over, or the signal aborted). */
export type Waited = { grant: Grant; waitedMs: number } | { grant: null; cause: unknown };

/**
 * Acquires, and where it has to, waits: woken by hints, and looking for itself each second and whenever a holder in its way should
 * have ended (ORC-167, ORC-171). A store that fails meanwhile is asked again while there is time: it costs nobody its place.
 *
 * @throws LOCK_CONTENDED (only where the request does not wait), LOCK_ORDER, LOCK_DEADLOCK, LOCK_WITHDRAWN, LOCK_ID_TAKEN, LOCK_LOST (a repeated
 *   request whose lock is lost already), OVERLOADED, DATABASE_UNAVAILABLE, OUTCOME_UNKNOWN
 */
export async function waitForGrant(
  parts: WaitParts,
  projectId: string,
  request: LockRequest,
  { forMs, leaseMs, signal }: WaitOptions,
): Promise<Waited> {
  const { clock, verbs, hints } = parts;
  const began = clock.monotonic();
  let woken = false;
  let wake: AbortController | null = null;
  const unsubscribe = hints.on(request.id, () => {
    woken = true;
    wake?.abort();
  });
  const onAbort = () => wake?.abort();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    let sent = began;
    let cause: unknown = null;
    let verdict: LockVerdict | null = await firstAttempt(parts, projectId, request, leaseMs);
    if (verdict.detail !== null && isGoingOn(verdict)) parts.onDisorder(request, verdict.detail);
    for (;;) {
      if (verdict?.outcome === 'granted') {
        const lived = clock.monotonic() - sent;
        return { grant: toGrant(request, verdict, lived), waitedMs: clock.monotonic() - began };
      }
      if (verdict && verdict.outcome !== 'queued' && verdict.outcome !== 'gone') throw problemOf(request, verdict);
      const leftMs = forMs - (clock.monotonic() - began);
      if (leftMs <= 0 || signal?.aborted) return { grant: null, cause };
      if (!woken && verdict?.outcome !== 'gone') {
        wake = new AbortController();
        const lookAgainMs = verdict?.ms ?? POLL_MS;
        await clock.sleep(Math.max(1, Math.min(leftMs, POLL_MS, request.ttlMs / 3, lookAgainMs + 1)), wake.signal);
        wake = null;
        if (signal?.aborted) return { grant: null, cause };
      }
      woken = false;
      sent = clock.monotonic();
      try {
        // One that is gone died in the queue while this process was stopped, or was granted and lost: it lines up again.
        const patience = { ...request, waitMs: Math.max(1, Math.round(request.waitMs - (sent - began))) };
        verdict =
          verdict?.outcome === 'gone'
            ? await verbs.acquire(projectId, patience, leaseMs)
            : await verbs.poll(projectId, request.id);
        cause = null;
      } catch (error) {
        if (!isPassing(error)) throw error;
        cause = error;
        verdict = null;
      }
    }
  } finally {
    unsubscribe();
    signal?.removeEventListener('abort', onAbort);
  }
}

/** Unavailable is not contended (ORC-169): a first attempt that fails is reported, but one that may have been made is asked about. */
async function firstAttempt(
  { clock, verbs }: WaitParts,
  projectId: string,
  request: LockRequest,
  leaseMs: number,
): Promise<LockVerdict> {
  for (let repeat = 0; ; repeat += 1) {
    try {
      return await verbs.acquire(projectId, request, leaseMs);
    } catch (error) {
      if (!SignalboxError.is(error, 'OUTCOME_UNKNOWN') || repeat >= REPEATS) throw error;
      await clock.sleep(REPEAT_MS);
    }
  }
}

function isGoingOn({ outcome }: LockVerdict): boolean {
  return outcome === 'granted' || outcome === 'queued';
}

function isPassing(error: unknown): boolean {
  const codes = ['DATABASE_UNAVAILABLE', 'OUTCOME_UNKNOWN', 'OVERLOADED', 'SERIALIZATION_FAILED'] as const;
  return codes.some((code) => SignalboxError.is(error, code));
}

function toGrant(request: LockRequest, { token, ms }: LockVerdict, livedMs: number): Grant {
  if (token === null) throw new SignalboxError('REPOSITORY_ERROR', { reason: 'a grant came without its token' });
  const { id, resource, owner, mode, ttlMs } = request;
  return { id, resource, owner, mode, token, remainingMs: Math.max(0, (ms ?? ttlMs) - livedMs) };
}

/** The error that says what became of a request. */
function problemOf(request: LockRequest, { outcome, owner, detail }: LockVerdict): SignalboxError {
  const { id, resource } = request;
  if (outcome === 'contended') return new SignalboxError('LOCK_CONTENDED', { resource, owner });
  if (outcome === 'ordered') return new SignalboxError('LOCK_ORDER', { resource, greater: detail });
  if (outcome === 'taken') return new SignalboxError('LOCK_ID_TAKEN', { id });
  if (outcome === 'lost') return new SignalboxError('LOCK_LOST', { id, resource });
  const refusal = JSON.parse(detail ?? '{}') as { code?: string; cycle?: string[]; reason?: string };
  return refusal.code === 'LOCK_DEADLOCK'
    ? new SignalboxError('LOCK_DEADLOCK', { id, resource, cycle: refusal.cycle ?? [] })
    : new SignalboxError('LOCK_WITHDRAWN', { id, resource, reason: refusal.reason ?? 'it was taken out of the queue' });
}
