/** Numbers by which SCIP tells kinds of symbols, as far as the graph has the kind. */
const KINDS = {
  function: 17,
  class: 7,
  interface: 21,
  typeAlias: 55,
  variable: 61,
  property: 41,
  method: 26,
} as const;

const METHODS = new Set<number>([KINDS.method, 9, 66, 68, 69, 70, 71, 80]);
const PROPERTIES = new Set<number>([KINDS.property, 12, 15, 79, 81]);
const VARIABLES = new Set<number>([KINDS.variable, 8, 82]);

/** 0 where SCIP has no word for it. */
export function scipKind(kind: string): number {
  return KINDS[kind as keyof typeof KINDS] ?? 0;
}

/**
 * A kind that asks for no more than an index says: of functions it has no parameters, of classes no members by name.
 * @param suffix of its descriptor @param isInner whether it stands in another symbol
 */
export function kindOf(kind: number, suffix: string, isInner: boolean): 'method' | 'property' | 'variable' | 'unknown' {
  if (METHODS.has(kind)) return 'method';
  if (PROPERTIES.has(kind)) return 'property';
  if (VARIABLES.has(kind)) return 'variable';
  if (kind !== 0) return 'unknown';
  if (suffix === '(') return isInner ? 'method' : 'unknown';
  if (suffix === '.') return isInner ? 'property' : 'variable';
  return 'unknown';
}
