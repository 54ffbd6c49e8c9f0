import type { Clock } from '../platform/clock/clock.ts';
import type { Database } from '../platform/database/index.ts';
import { SignalboxError } from '../platform/errors/index.ts';
import { type FeedCursor, readFeed } from '../platform/feed/index.ts';
import type { Ids } from '../platform/ids/ids.ts';
import { insertDeliveries, type NewDelivery, settleDelivery } from './delivery-store.ts';
import {
  claimEndpoints,
  type DueDelivery,
  hasWaiting,
  type LeasedEndpoint,
  moveCursor,
  nextDelivery,
  releaseLease,
  renewLease,
  type WebhookLease,
} from './dispatch-store.ts';
import { eventOf, isSubscribed } from './feed-event.ts';
import { eventBody, type MessageContext, RESET_TYPE, resetBody } from './message-body.ts';
import { recordWebhook } from './record-webhook.ts';
import { retryWaitMs } from './retry-schedule.ts';
import type { SendOutcome } from './send-webhook.ts';
import type { WebhookSender } from './webhook-sender.ts';
import { disableWebhook, writeFailing } from './webhook-store.ts';

export interface WebhookDispatcherParts {
  database: Database;
  clock: Clock;
  ids: Ids;
  sender: WebhookSender;
  messages: MessageContext;
  /** Told what failed where nobody waits for an answer. */
  onError: (error: unknown) => void;
  /** A number in [0, 1); spreads attempts. */
  random: () => number;
}

const ROUND_MS = 1_000;
/** Endpoints that one node delivers to at the same time: one that hangs holds up none of the others. */
const AT_ONCE = 16;
/** Longer than an attempt may take, so that a lease outlives what is sent under it. */
const LEASE_SECONDS = 60;
/** What one endpoint gets before others have their turn. */
const SENT_AT_ONCE = 100;
const READ_AT_ONCE = 200;
const GONE = 410;

/**
 * Tells endpoints what the change feed says (design.md §4): at least once each, in order per endpoint, retried by {@link retryWaitMs}. How
 * far an endpoint has been told is kept with the messages that this gave, and both are written under its lease: of several nodes
 * one delivers to it at a time, and one that dies is followed by another where it stopped.
 */
export class WebhookDispatcher {
  readonly name = 'deliver webhooks';
  readonly #parts: WebhookDispatcherParts;
  readonly #abort = new AbortController();
  readonly #serving = new Set<Promise<void>>();
  #loop: Promise<void> | null = null;
  #failure: string | null = null;

  constructor(parts: WebhookDispatcherParts) {
    this.#parts = parts;
  }

  /** What the last round failed with; null after one that went well. */
  get failure(): string | null {
    return this.#failure;
  }

  /** Idempotent. */
  start(): void {
    this.#loop ??= this.#rounds();
  }

  /** Breaks off what is being sent, which is sent again later; resolves when nothing is under way. Idempotent. */
  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#loop;
    await this.settled();
  }

  /** Begins to deliver to endpoints that have something to be told; answers to how many. */
  async round(): Promise<number> {
    const { database, clock, sender } = this.#parts;
    const room = AT_ONCE - this.#serving.size;
    if (sender.keyId === null || room <= 0) return 0;
    const leases = await claimEndpoints(database, sender.keyId, room, LEASE_SECONDS, clock.now());
    for (const lease of leases) {
      const serving = this.#serve(lease)
        .catch((error) => this.#parts.onError(error))
        .finally(() => this.#serving.delete(serving));
      this.#serving.add(serving);
    }
    return leases.length;
  }

  /** Resolves when everything that a round began has ended. */
  async settled(): Promise<void> {
    await Promise.all(this.#serving);
  }

  async #rounds(): Promise<void> {
    const { clock, onError } = this.#parts;
    const { signal } = this.#abort;
    while (!signal.aborted) {
      try {
        await this.round();
        this.#failure = null;
      } catch (error) {
        const away = SignalboxError.is(error, 'DATABASE_UNAVAILABLE') || SignalboxError.is(error, 'OUTCOME_UNKNOWN');
        if (!away) {
          this.#failure = error instanceof Error ? error.message : String(error);
          onError(error);
        }
      }
      await clock.sleep(ROUND_MS, signal);
    }
  }

  async #serve(lease: WebhookLease): Promise<void> {
    const { database } = this.#parts;
    try {
      for (let sent = 0; sent < SENT_AT_ONCE && !this.#abort.signal.aborted; ) {
        const endpoint = await renewLease(database, lease, LEASE_SECONDS);
        if (!endpoint) return;
        const delivery = await nextDelivery(database, lease.id, this.#parts.clock.now());
        if (delivery) {
          if (!(await this.#deliver(lease, endpoint, delivery))) return;
          sent += 1;
        } else if (!(await this.#takeFromFeed(lease, endpoint))) {
          return;
        }
      }
    } finally {
      await releaseLease(database, lease);
    }
  }

  /** Answers whether the lease still stands and the endpoint takes more. */
  async #deliver(lease: WebhookLease, endpoint: LeasedEndpoint, delivery: DueDelivery): Promise<boolean> {
    const { clock, sender } = this.#parts;
    const at = clock.now();
    const outcome = await sender.send({ id: lease.id, ...endpoint }, delivery, this.#abort.signal);
    // Nobody knows whether it arrived: whoever goes on sends it again.
    if (this.#abort.signal.aborted && outcome.error !== null) return false;
    return this.#settle(lease, delivery, outcome, at);
  }

  async #settle(lease: WebhookLease, delivery: DueDelivery, outcome: SendOutcome, at: Date): Promise<boolean> {
    const { database, random } = this.#parts;
    const { status: responseStatus, latencyMs, error } = outcome;
    const attempted = { at, responseStatus, latencyMs, error };
    return database.transaction(async (tx) => {
      const write = (status: 'pending' | 'delivered' | 'failed', nextAttemptAt: Date | null) =>
        settleDelivery(tx, lease.projectId, delivery.id, lease.token, { ...attempted, status, nextAttemptAt });
      if (error === null) {
        await writeFailing(tx, lease, null);
        return write('delivered', null);
      }
      const wait = responseStatus === GONE ? null : retryWaitMs(delivery.attempts + 1, random());
      if (wait !== null) {
        if (!delivery.redriven) await writeFailing(tx, lease, at);
        return write('pending', new Date(at.getTime() + wait));
      }
      const stands = await write('failed', null);
      // One that was sent again on request says nothing of the others.
      const ends = responseStatus === GONE || !delivery.redriven;
      if (!stands || !ends) return stands;
      const disabled = await disableWebhook(
        tx,
        lease,
        at,
        `${delivery.attempts + 1} attempts failed; the last: ${error}`,
      );
      if (disabled) await recordWebhook(tx, disabled, 'disable', 'system', disabled.version - 1);
      return false;
    });
  }

  /** Queues what the feed says next; answers whether there was anything. */
  async #takeFromFeed(lease: WebhookLease, endpoint: LeasedEndpoint): Promise<boolean> {
    const { database, clock, ids, messages } = this.#parts;
    const { cursor, events, format } = endpoint;
    if (await hasWaiting(database, lease.id)) return false;
    const { reset, entries, head } = await readFeed(database, lease.projectId, cursor, READ_AT_ONCE);
    const fresh: NewDelivery[] = [];
    if (reset) {
      const body = resetBody(format, clock.now(), cursor, head);
      fresh.push({ id: ids.uuid(), kind: 'reset', type: RESET_TYPE, position: head.position, body });
    }
    for (const event of entries.map(eventOf)) {
      if (!isSubscribed(events, event)) continue;
      const body = await eventBody(format, lease.projectId, event, messages);
      if (body === null) continue;
      fresh.push({ id: ids.uuid(), kind: 'event', type: event.type, position: event.position, body });
    }
    const last = entries.at(-1);
    if (!reset && !last) return false;
    const to: FeedCursor = last ? { epoch: cursor.epoch, position: last.position } : head;
    return database.transaction(async (tx) => {
      if (!(await moveCursor(tx, lease, cursor, to))) return false;
      await insertDeliveries(tx, lease.projectId, lease.id, fresh, clock.now());
      return true;
    });
  }
}
