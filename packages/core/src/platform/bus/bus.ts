/** Called with a message, or with null: something happened that is not told here (too large, or missed); look for yourself. */
export type BusListener = (message: unknown) => void;

/**
 * Carries hints between the parts and nodes of one Signalbox: wake-ups of feed readers, streamed tokens, cancel signals.
 * Never records: a message may be lost, and whoever must not miss anything reads the database, and polls it.
 *
 * - Messages of one publisher on one topic arrive in their order, at every subscriber of every node, its own included.
 * - Delivery is asynchronous: `publish` returns before any listener runs, and fails for nobody (SES-072).
 * - Messages are JSON. One over {@link MAX_MESSAGE_BYTES} reaches other nodes as null.
 * - After a lost connection every subscription gets a null, since messages may have been missed (SES-073).
 */
export interface Bus {
  publish(topic: string, message: unknown): void;
  /** Returns the unsubscribe, which may be called again without harm; nothing is delivered after it. */
  subscribe(topic: string, listener: BusListener): () => void;
  /** Whether messages of other nodes are being received just now. */
  readonly connected: boolean;
  /** Ends deliveries; idempotent. */
  close(): Promise<void>;
}

/** What one NOTIFY can carry, less room for the envelope. */
export const MAX_MESSAGE_BYTES = 7_500;

export interface BusOptions {
  /** Told of listeners that throw, messages that cannot be read, and publications that failed. */
  onError?: (error: unknown) => void;
}
