/** Line and column, from 0. */
export type Place = readonly [line: number, column: number];

export interface Extent {
  id: string;
  from: Place;
  /** Behind its last character. */
  to: Place;
}

/** Which extent has each of these places: the innermost, null for none. One walk over all of them, however they nest. */
export function innermost(extents: readonly Extent[], places: readonly Place[]): (string | null)[] {
  const byStart = [...extents].sort((a, b) => compare(a.from, b.from) || compare(b.to, a.to));
  const order = places.map((_, n) => n).sort((a, b) => compare(placeAt(places, a), placeAt(places, b)));
  const found: (string | null)[] = places.map(() => null);
  const open: Extent[] = [];
  let next = 0;
  for (const n of order) {
    const place = placeAt(places, n);
    for (let extent = byStart[next]; extent && compare(extent.from, place) <= 0; extent = byStart[next]) {
      open.push(extent);
      next += 1;
    }
    while (open.length > 0 && compare(open.at(-1)?.to ?? place, place) <= 0) open.pop();
    found[n] = open.at(-1)?.id ?? null;
  }
  return found;
}

function placeAt(places: readonly Place[], n: number): Place {
  return places[n] ?? [0, 0];
}

function compare(a: Place, b: Place): number {
  return a[0] - b[0] || a[1] - b[1];
}
