import { createHash } from 'node:crypto';

/** The id of what follows from an event: the same one each time it is worked out (RFC 9562 version 8). */
export function derivedId(eventId: string, what: string): string {
  const bytes = createHash('sha256').update(`${eventId} ${what}`).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
