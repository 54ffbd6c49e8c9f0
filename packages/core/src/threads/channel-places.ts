import type { ChannelVersion } from './thread.ts';

/** The version of a channel, and the checkpoint that brought its value under it; null where that is not known. */
export interface ChannelPlace {
  version: ChannelVersion;
  source: string | null;
}
export type ChannelPlaces = ReadonlyMap<string, ChannelPlace>;

/** As it is stored: channels and versions by the checkpoint that brought them. */
export type GroupedPlaces = [source: string | null, versions: Record<string, ChannelVersion>][];

/** One name for a channel at a version; versions that read alike are one. */
export function nameOfValue(channel: string, version: ChannelVersion): string {
  return `${channel}\0${version}`;
}

/**
 * Where the values of a checkpoint's channels stand: with it where it brought them, else where its parent has them. What either knows
 * nothing of has to be looked for when it is loaded.
 */
export function placesOf(
  checkpoint: {
    checkpointId: string;
    versions: Record<string, ChannelVersion>;
    values: readonly { channel: string; version: ChannelVersion }[];
  },
  parent: ChannelPlaces | null,
): ChannelPlaces {
  const brought = new Set(checkpoint.values.map(({ channel, version }) => nameOfValue(channel, version)));
  const places = new Map<string, ChannelPlace>();
  for (const [channel, version] of Object.entries(checkpoint.versions)) {
    const before = parent?.get(channel);
    const inherited = before && String(before.version) === String(version) ? before.source : null;
    const source = brought.has(nameOfValue(channel, version)) ? checkpoint.checkpointId : inherited;
    places.set(channel, { version, source });
  }
  return places;
}

export function writePlaces(places: ChannelPlaces): string {
  const groups = new Map<string | null, Record<string, ChannelVersion>>();
  for (const [channel, { version, source }] of places) {
    const group = groups.get(source);
    if (group) group[channel] = version;
    else groups.set(source, { [channel]: version });
  }
  return JSON.stringify([...groups]);
}

/** What {@link writePlaces} wrote. */
export function readPlaces(text: string): ChannelPlaces {
  const groups: GroupedPlaces = JSON.parse(text);
  return new Map(
    groups.flatMap(([source, versions]) =>
      Object.entries(versions).map(([channel, version]) => [channel, { version, source }] as [string, ChannelPlace]),
    ),
  );
}
