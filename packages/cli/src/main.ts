import { CommanderError } from 'commander';
import { EXIT, type ExitCode } from './exit-codes.ts';
import type { Io } from './io.ts';
import { createProgram } from './program.ts';
import { reportError } from './report-error.ts';

/**
 * The `signalbox` command: reads the arguments (without the program's name), runs the command, says what went wrong.
 * Never throws.
 * @returns the exit code (see {@link EXIT}).
 */
export async function main(argv: readonly string[], io: Io): Promise<ExitCode> {
  // A reader that has seen enough (`| head`) closes the pipe: that ends us quietly, as it does other programs.
  io.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(EXIT.ok);
  });
  let exitCode: ExitCode = EXIT.ok;
  const program = createProgram({
    io,
    separated: argv.includes('--'),
    exitWith: (code) => {
      exitCode = code;
    },
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    // Commander has printed its message, or the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    return reportError(error, io, beforeSeparator(argv).includes('--json'));
  }
}

/** What stands behind `--` belongs to the program that a session runs. */
function beforeSeparator(argv: readonly string[]): readonly string[] {
  const separator = argv.indexOf('--');
  return separator === -1 ? argv : argv.slice(0, separator);
}
