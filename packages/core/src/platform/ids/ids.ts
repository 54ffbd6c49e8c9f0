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

/** Ids whose time part comes from `clock`. */
export function idsFrom(clock: Clock): Ids {
  return {
    uuid: () => uuidv7({ msecs: clock.now().getTime() }),
    secret: (bytes) => randomBytes(bytes).toString('base64url'),
  };
}

/** Any UUID in its canonical text form, lower-cased. */
export const uuidSchema = z.guid().transform((id) => id.toLowerCase());
