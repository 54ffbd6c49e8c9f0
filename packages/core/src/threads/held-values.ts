import { nameOfValue } from './channel-places.ts';
import type { ChannelVersion } from './thread.ts';

/** Where a value stands: here, or among the contents. Neither for a channel without a value. */
export interface PlacedValue {
  type: string;
  value: Uint8Array | null;
  digest: Buffer | null;
}

/** A value that a checkpoint brings. */
export interface BroughtValue {
  channel: string;
  version: ChannelVersion;
  placed: PlacedValue;
}

/** What a checkpoint brings, as its row has it: a list of what there is, and the bytes of the small ones one after the other. */
export interface HeldValues {
  holds: string | null;
  held: Uint8Array | null;
}

/** Length of a value that stands in the row; hex digest of one among the contents; null for a channel without a value. */
type Entry = [channel: string, version: string, type: string, place: number | string | null];

export function packHeld(values: readonly BroughtValue[]): HeldValues {
  if (values.length === 0) return { holds: null, held: null };
  const entries = values.map(({ channel, version, placed: { type, value, digest } }): Entry => {
    return [channel, String(version), type, digest ? digest.toString('hex') : (value?.length ?? null)];
  });
  const held = Buffer.concat(values.flatMap(({ placed: { value } }) => (value ? [value] : [])));
  return { holds: JSON.stringify(entries), held };
}

/** What {@link packHeld} wrote, by channel and version. */
export function unpackHeld({ holds, held }: HeldValues): Map<string, BroughtValue> {
  const entries: Entry[] = holds === null ? [] : JSON.parse(holds);
  const values = new Map<string, BroughtValue>();
  let at = 0;
  for (const [channel, version, type, place] of entries) {
    const placed: PlacedValue = { type, value: null, digest: null };
    if (typeof place === 'string') placed.digest = Buffer.from(place, 'hex');
    else if (place !== null && held) {
      placed.value = held.subarray(at, at + place);
      at += place;
    }
    values.set(nameOfValue(channel, version), { channel, version, placed });
  }
  return values;
}

/** Whether two values are one and the same, to the byte. */
export function isSameValue(one: PlacedValue, other: PlacedValue): boolean {
  return one.type === other.type && sameBytes(one.value, other.value) && sameBytes(one.digest, other.digest);
}

function sameBytes(one: Uint8Array | null, other: Uint8Array | null): boolean {
  return one && other ? Buffer.compare(one, other) === 0 : one === other;
}
