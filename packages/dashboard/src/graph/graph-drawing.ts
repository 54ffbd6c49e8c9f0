import type { GraphTraversal } from '@signalbox/client';
import { type PackedEntity, type Packing, packEntities } from './pack-layout.ts';

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

/** What is one step from it. */
export function linesTo(
  id: string,
  entities: readonly PackedEntity[],
  place: ReadonlyMap<string, PackedEntity>,
  from: ReadonlyMap<string, string>,
): Line[] {
  const here = place.get(id);
  return here === undefined
    ? []
    : entities.filter(({ entity }) => from.get(entity.id) === id).map((one) => [here, one]);
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
