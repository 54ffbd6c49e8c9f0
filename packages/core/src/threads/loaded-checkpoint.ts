import { type ChannelPlaces, nameOfValue } from './channel-places.ts';
import type { BroughtValue } from './held-values.ts';
import type { ChannelVersion, ThreadCheckpoint, TypedBytes } from './thread.ts';

/** A checkpoint as it comes from its row, and what may have the values of its channels. */
export interface CheckpointParts extends Omit<ThreadCheckpoint, 'versions' | 'values'> {
  /** The thread's number within the database. */
  thread: string;
  places: ChannelPlaces;
  /** What checkpoints brought, by their ids; of each by channel and version. */
  held: Map<string, ReadonlyMap<string, BroughtValue>>;
  /** Values that stand apart, by checkpoint, channel and version; null for a channel without a value. */
  apart: Map<string, TypedBytes | null>;
  /** Values that were looked for, by channel and version. */
  found: Map<string, TypedBytes | null>;
}

/** What is not where it was thought to be. */
export function missingOf(parts: CheckpointParts): { channel: string; version: ChannelVersion }[] {
  return valuesOf(parts).flatMap(({ channel, version, value }) => (value === undefined ? [{ channel, version }] : []));
}

export function checkpointOf(parts: CheckpointParts): ThreadCheckpoint {
  const { thread, places, held, apart, found, ...rest } = parts;
  return {
    ...rest,
    versions: Object.fromEntries([...places].map(([channel, { version }]) => [channel, version])),
    values: valuesOf(parts).flatMap(({ channel, value }) => (value ? [{ channel, value }] : [])),
  };
}

/** Null for a channel without a value, undefined where it was not found. */
function valuesOf({
  places,
  held,
  apart,
  found,
}: CheckpointParts): { channel: string; version: ChannelVersion; value: TypedBytes | null | undefined }[] {
  return [...places].map(([channel, { version, source }]) => {
    const name = nameOfValue(channel, version);
    const there = `${source}\0${name}`;
    if (apart.has(there)) return { channel, version, value: apart.get(there) };
    const value = inRow(held.get(source ?? '')?.get(name));
    return { channel, version, value: value === undefined ? found.get(name) : value };
  });
}

/** Of one that stands apart, and was not there, nothing. */
function inRow(one: BroughtValue | undefined): TypedBytes | null | undefined {
  if (!one || one.placed.digest) return undefined;
  return one.placed.value && { type: one.placed.type, bytes: one.placed.value };
}
