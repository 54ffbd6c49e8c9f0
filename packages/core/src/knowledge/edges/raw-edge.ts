/** An edge as an extractor emits it: JSON of which nothing is known yet. */
export type RawEdge = Readonly<Record<string, unknown>>;

/** A part of an edge that could not be used and was left out (KG-116); the rest of the edge stays. */
export interface EdgeProblem {
  /** The edge's own id, or both of its ends. */
  edge: string;
  /** Where: `location`, `source`, `toRef`, … */
  field: string;
  reason: string;
}
export type OnEdgeProblem = (problem: EdgeProblem) => void;

/** How problems name an edge. */
export function nameOfEdge({ id, type, fromEntityId, toEntityId }: RawEdge): string {
  if (typeof id === 'string' && id !== '') return id;
  return [fromEntityId, type, toEntityId].map((part) => (typeof part === 'string' ? part : '?')).join(' ');
}
