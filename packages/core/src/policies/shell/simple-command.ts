/** A word of a command with its quotes taken away; `dynamic` where only the shell knows what it becomes. */
export interface Word {
  text: string;
  dynamic: boolean;
}

/** One simple command of a shell text, with what stands before its program looked through. */
export interface SimpleCommand {
  /** As written, on one line. */
  text: string;
  /** Empty where there are only assignments or redirections. */
  program: string;
  arguments: Word[];
  /** Programs that start this one, outermost first: `sudo`, `env`, `xargs`, … */
  wrappers: string[];
  /** Files that redirections write. */
  writes: Word[];
  /** Why what it does cannot be read off its text; null where it can. */
  indirect: string | null;
}
