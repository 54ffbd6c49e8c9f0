/** A word of a command with its quotes taken away; `dynamic` where only the shell knows what it becomes. */
export interface Word {
  text: string;
  dynamic: boolean;
}

/** A file that a command writes. */
export interface WrittenFile extends Word {
  /** Where it turns out to be a directory: what goes into it, by their names. */
  sources?: readonly Word[];
  /** Where it is a directory: whether all that lies below it is written as well. */
  tree?: true;
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
  /** Files that redirections write, and the program itself where it is known for that. */
  writes: WrittenFile[];
  /** Why what it does cannot be read off its text; null where it can. */
  indirect: string | null;
  /** Whether it is the program that cannot be told, or what it runs: then it may write anything. */
  opaque: boolean;
}
