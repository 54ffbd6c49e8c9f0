import type { ToldFile } from './index-protocol.ts';

/** What becomes of those files of a workspace that are read in one way. */
export interface PartPlan {
  /** Those that say something else now. */
  affected: ReadonlySet<string>;
  /** Those that are no more. */
  removed: string[];
  /** What there is to say of those affected. */
  facts: () => Iterable<ToldFile>;
}

export const NOTHING: PartPlan = { affected: new Set(), removed: [], facts: () => [] };
