/** One of the verbs that everybody calls all the time, as this benchmark drives it. */
export interface HotVerb {
  /** As in the names of the ratios. */
  name: string;
  /** What its batcher calls it. */
  batched: string;
  /** Labels of the statements that make up one batch, in order. */
  statements: readonly string[];
  /** What hand-written batched SQL was once seen to reach, per second: a reference for the reader. */
  seed: number | null;
  /** All tables it reads rows of its own from, or writes to. */
  tables: readonly string[];
  /** Answers one row with `done`: the rows that the verb has changed. */
  done: string;
  /** Makes what `count` calls need, in empty tables, and answers the call of each. */
  prepare(count: number): Promise<(n: number) => Promise<unknown>>;
  /** Lets go in this process of what the calls have left in it. */
  tidy?(): Promise<void>;
}
