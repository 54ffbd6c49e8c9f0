import type { GraphTraversal } from '@signalbox/client';
import { type PackedEntity, type PackedGroup, type Packing, packEntities } from './pack-layout.ts';

/** How something stands to what was chosen. */
export type Role = 'chosen' | 'using' | 'used' | 'both';

export interface Drawing extends Packing {
  roles: ReadonlyMap<string, Role>;
  /** By which other it was found. */
  from: ReadonlyMap<string, string>;
  truncated: boolean;
}

/** What is drawn around an entity, and where. */
export function drawingOf(
  id: string,
  { incoming, outgoing }: Record<'incoming' | 'outgoing', GraphTraversal>,
): Drawing {
  const roles = new Map<string, Role>([[id, 'chosen']]);
  const from = new Map<string, string>();
  const places = new Map<string, { id: string; name: string; path: string | null }>();
  for (const [role, found] of [['using', incoming] as const, ['used', outgoing] as const]) {
    for (const { id: one, name, path, from: before } of found.visited) {
      places.set(one, { id: one, name: name ?? one, path });
      const known = roles.get(one);
      if (known !== 'chosen') roles.set(one, known === undefined || known === role ? role : 'both');
      if (before !== null && !from.has(one)) from.set(one, before);
    }
  }
  const packing = packEntities([...places.values()]);
  return { ...packing, roles, from, truncated: incoming.truncated || outgoing.truncated };
}

export type Line = readonly [PackedEntity, PackedEntity];

/** More lines than that hide what they lead to; the colours tell it, and each way is shown once it is pointed at. */
const MOST_LINES = 60;

/** What is one step from it. */
export function linesTo(
  id: string,
  entities: readonly PackedEntity[],
  place: ReadonlyMap<string, PackedEntity>,
  from: ReadonlyMap<string, string>,
): Line[] {
  const here = place.get(id);
  const near = entities.filter(({ entity }) => from.get(entity.id) === id);
  return here === undefined || near.length > MOST_LINES ? [] : near.map((one) => [here, one]);
}

/** By which way something was found. */
export function wayTo(id: string, place: ReadonlyMap<string, PackedEntity>, from: ReadonlyMap<string, string>): Line[] {
  const lines: Line[] = [];
  const met = new Set<string>();
  for (let at = id; !met.has(at); ) {
    met.add(at);
    const before = from.get(at);
    const [a, b] = [place.get(at), place.get(before ?? '')];
    if (before === undefined || a === undefined || b === undefined) break;
    lines.push([a, b]);
    at = before;
  }
  return lines;
}

/** From how large on a group is named, and how much room its name takes: parts of half the height that is seen. */
const NAMED = 0.055;
const ROOM = { width: 0.22, height: 0.07 };

/** Groups whose names can be read beside each other: the larger ones first. */
export function namedGroups(groups: readonly PackedGroup[], view: PackedGroup): PackedGroup[] {
  const named: PackedGroup[] = [];
  const large = groups.filter(({ key, r }) => key !== '' && key !== view.key && r / view.r >= NAMED);
  for (const group of [...large].sort((a, b) => b.r - a.r || (a.key < b.key ? -1 : 1))) {
    const isHidden = named.some(
      (other) =>
        Math.abs(group.x - other.x) < ROOM.width * view.r &&
        Math.abs(group.y - group.r - (other.y - other.r)) < ROOM.height * view.r,
    );
    if (!isHidden) named.push(group);
  }
  return named;
}
