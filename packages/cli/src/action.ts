import type { Command } from 'commander';
import { type Context, createContext, globalOptions } from './context.ts';
import type { ExitCode } from './exit-codes.ts';
import type { Io } from './io.ts';

/** How commands are added to the program: with the process they run in and a way to choose the exit code. */
export interface Registry {
  io: Io;
  /** Whether `--` stands on the command line: what is behind it belongs to somebody else's program. */
  separated: boolean;
  /** For commands whose outcome is more than done or failed. */
  exitWith(code: ExitCode): void;
}

/** What commander calls for a command: the work gets its arguments, its options and a {@link Context}. */
export function action<Args extends readonly unknown[], Options>(
  registry: Registry,
  work: (context: Context, args: Args, options: Options) => Promise<void>,
): (...given: unknown[]) => Promise<void> {
  return async (...given) => {
    const command = given.at(-1) as Command;
    const args = given.slice(0, -2) as unknown as Args;
    await work(createContext(registry.io, globalOptions(command)), args, command.opts() as Options);
  };
}
