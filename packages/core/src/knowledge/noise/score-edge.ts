import type { NoiseSettings } from './noise-settings.ts';

/** What is known of an edge that was inferred (KG-140). */
export interface InferredEdge {
  toId: string;
  /** The file in which the reference stands, relative to the repository. */
  fromFile?: string;
  usedTypeChecker?: boolean;
  isExported?: boolean;
  nameLength?: number;
  importDepth?: number;
}

/** How sure an inferred edge is, and what made it so: the score is their sum, scaled and bounded. */
export interface EdgeScore {
  /** From 0 to 1. */
  score: number;
  parts: {
    base: number;
    sameFile: number;
    typeChecked: number;
    exported: number;
    nameLength: number;
    /** 0 or less. */
    importDepth: number;
  };
}

/** Characters of a name from which on it is worth something, and how many more count at most (KG-142). */
const SHORT_NAME = 3;
const MOST_COUNTED = 10;

/** KG-141…143. Filters nothing; see {@link isWorthKeeping}. */
export function scoreInferredEdge(edge: InferredEdge, settings: NoiseSettings): EdgeScore {
  const { toId, usedTypeChecker = false, isExported = false, nameLength = 0, importDepth = 0 } = edge;
  const length = Math.min(MOST_COUNTED, Math.max(0, nameLength - SHORT_NAME));
  const parts = {
    base: baseOf(toId, settings),
    sameFile: isSameFile(edge) ? settings.AST_BOOST_SAME_FILE : 0,
    typeChecked: usedTypeChecker ? settings.AST_BOOST_TYPECHECK : 0,
    exported: isExported ? settings.AST_BOOST_EXPORTED : 0,
    nameLength: settings.AST_STEP_NAME_LEN * length,
    importDepth: importDepth > 0 ? -settings.AST_PENALTY_IMPORT_DEPTH * importDepth : 0,
  };
  const sum = Object.values(parts).reduce((a, b) => a + b, 0);
  const scaled = sum * settings.AST_CONF_MULTIPLIER;
  const bounded = Math.min(Math.max(scaled, settings.AST_CONF_MIN), settings.AST_CONF_MAX);
  const score = Number.isFinite(scaled) ? bounded : 0.5;
  return { score: Math.min(1, Math.max(0, score)), parts };
}

/** Whether an inferred edge of this score is kept; equal to the least is enough (KG-145). */
export function isWorthKeeping({ score }: EdgeScore, settings: NoiseSettings): boolean {
  return score >= settings.MIN_INFERRED_CONFIDENCE;
}

function baseOf(toId: string, settings: NoiseSettings): number {
  if (toId.startsWith('external:')) return settings.AST_CONF_EXTERNAL;
  return toId.startsWith('file:') ? settings.AST_CONF_FILE : settings.AST_CONF_CONCRETE;
}

function isSameFile({ toId, fromFile }: InferredEdge): boolean {
  const [, path] = /^file:([^:]+):/.exec(toId) ?? [];
  return path !== undefined && fromFile !== undefined && slashed(path) === slashed(fromFile);
}

function slashed(path: string): string {
  return path.replaceAll('\\', '/').replace(/\/+/g, '/');
}
