/**
 * A fresh `Idempotency-Key`: 128 random bits in hex. `crypto.randomUUID` exists only in secure contexts, and a
 * dashboard may be served over plain HTTP inside a network.
 */
export function newIdempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
