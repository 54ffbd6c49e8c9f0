import type { RelationshipType } from '../vocabulary/relationship-type.ts';
import type { CodeGraph } from './code-graph.ts';
import { at, TYPE_CODES } from './graph-base.ts';

/** Which edges count. What is left out lets all pass. */
export interface EdgeFilter {
  /** None: all. */
  types?: readonly RelationshipType[];
  /** Inclusive; an edge that does not say how sure it is counts as 1 (KG-228). */
  minConfidence?: number;
  /** Edges that held at some moment from `since` to `until`, both included; equal ones mean one moment (KG-204). */
  since: Date;
  until: Date;
}

/** @returns whether an edge of the graph passes */
export function edgeTest(
  graph: CodeGraph,
  { types = [], minConfidence = 0, since, until }: EdgeFilter,
): (edge: number) => boolean {
  const wanted = new Uint8Array(TYPE_CODES.size).fill(types.length === 0 ? 1 : 0);
  for (const type of types) wanted[TYPE_CODES.get(type) ?? -1] = 1;
  // As the arrays have it, so that 0.9 is not less than 0.9.
  const least = Math.fround(minConfidence);
  const [from, to] = [since.getTime(), until.getTime()];
  const { size, types: codes, confidences, validFrom, validTo } = graph.arrays;
  return (edge) => {
    if (edge < size) {
      return (
        wanted[at(codes, edge)] === 1 &&
        at(confidences, edge) >= least &&
        at(validFrom, edge) <= to &&
        from < at(validTo, edge)
      );
    }
    return (
      wanted[graph.typeCode(edge)] === 1 &&
      Math.fround(graph.confidence(edge)) >= least &&
      graph.validFrom(edge) <= to &&
      from < graph.validTo(edge)
    );
  };
}
