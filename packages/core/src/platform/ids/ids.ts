import { randomBytes } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import { type Clock, systemClock } from '../clock/clock.ts';

/** Source of identifiers and of randomness; injected, so that tests are deterministic. */
export interface Ids {
  /** A UUIDv7 (RFC 9562): sortable by creation time. */
  uuid(): string;
  /** `bytes` random bytes, base64url. For secrets and tokens. */
  secret(bytes: number): string;
}

export const systemIds: Ids = idsFrom(systemClock);

/** Lower half of the 32-bit counter: it starts there at random, so that it has room to rise within a millisecond. */
const SEQUENCE_START = 2 ** 31;
/** What one id takes of randomness, and for how many ids it is fetched at once: fetching costs more than all else of an id. */
const RANDOM_BYTES = 16;
const POOLED_IDS = 256;

/**
 * Ids whose time part comes from `clock`. They rise strictly, also within a millisecond and when the clock is set back
 * (RFC 9562 §6.2, method 1): rows made in one instant keep the order in which they were made.
 */
export function idsFrom(clock: Clock): Ids {
  let msecs = 0;
  let seq = 0;
  let pool = Buffer.alloc(0);
  let used = 0;
  const random = (): Uint8Array => {
    if (used === pool.length) {
      pool = randomBytes(RANDOM_BYTES * POOLED_IDS);
      used = 0;
    }
    used += RANDOM_BYTES;
    return pool.subarray(used - RANDOM_BYTES, used);
  };
  return {
    uuid: () => {
      const now = clock.now().getTime();
      if (now > msecs) {
        msecs = now;
        seq = randomBytes(4).readUInt32BE() % SEQUENCE_START;
      } else {
        seq += 1;
      }
      return uuidv7({ msecs, seq, random: random() });
    },
    secret: (bytes) => randomBytes(bytes).toString('base64url'),
  };
}

/** Any UUID in its canonical text form, lower-cased. */
export const uuidSchema = z.guid().transform((id) => id.toLowerCase());
