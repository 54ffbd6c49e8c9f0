import { createHash } from 'node:crypto';

/** What is kept of a secret of 256 bits: guessing is hopeless, so a plain digest (no slow hash) is enough. */
export const SECRET_BYTES = 32;

export function digestOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
