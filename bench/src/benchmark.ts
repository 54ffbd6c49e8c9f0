/** One benchmark: what `npm run bench -- <name>` runs. */
export interface Benchmark {
  /** One line for the list. */
  about: string;
  /** Within how many minutes it ends, or is ended; default 10. */
  minutes?: number;
  /**
   * Measures, prints a table for people, and answers the ratios. Cleans up after itself, also when it throws.
   * @param args what stands after the benchmark's name on the command line
   */
  run(args: readonly string[]): Promise<Ratios>;
}

/** What was compared → ours over theirs. Rates, or limits over times: above 1 we are the better one. */
export type Ratios = Record<string, number>;
