/** What a run of tests reached of one file. */
export interface CoveredFile {
  path: string;
  /** How often each line ran that can, by its number from 1. */
  lines: Map<number, number>;
  functions: CoveredFunction[];
  /** How often each way out of a branch was taken. */
  branches: number[];
  /** How often each statement ran; null where the report has none. */
  statements: number[] | null;
}

export interface CoveredFunction {
  name: string;
  /** From 1; null where it is not known. */
  line: number | null;
  endLine: number | null;
  hits: number;
}

/** A report of coverage, of whichever format. */
export interface CoverageReport {
  files: CoveredFile[];
  leftOut?: Record<string, number>;
}

/** Of how many of these ran, in percent; undefined where there are none. */
export function percentRun(hits: readonly number[]): number | undefined {
  return percentOf(hits.filter((count) => count > 0).length, hits.length);
}

/** The same of counts. */
export function percentOf(ran: number, found: number): number | undefined {
  return found === 0 ? undefined : Math.round((ran / found) * 10_000) / 100;
}
