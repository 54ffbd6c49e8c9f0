import type { ExaminedCommand } from './examine-call.ts';
import { matchesPattern } from './patterns.ts';
import type { CommandMatch } from './policy.ts';
import { baseName } from './shell/look-through.ts';

/** Whether a rule matched, with the reason; `unsure` where that cannot be told, so that a person has to. */
export interface RuleVerdict {
  matched: 'yes' | 'no' | 'unsure';
  because: string;
}

/** Where programs stand that a name without a path means. */
const SYSTEM_PLACES = /^(\/usr(\/local)?|\/opt\/homebrew|\/run\/current-system\/sw)?\/s?bin\/[^/]+$/;
/** Prefixes under which a command can do more than by itself. */
const RAISING = new Set(['sudo', 'doas']);

/**
 * Puts one command to what a rule names. Whoever allows must be sure: there a program's name and what its path leads to
 * must both be named, and `sudo` as well; whoever forbids is content with either.
 */
export function matchCommand(wanted: CommandMatch, command: ExaminedCommand, allows: boolean): RuleVerdict {
  const named = allows ? allowsProgram(wanted.programs, command) : namesProgram(wanted.programs, command);
  if (!named) return { matched: 'no', because: `the program is ${command.program}` };
  const matched = matchArguments(wanted, command);
  return {
    matched,
    because: `${command.program} is named${matched === 'unsure' ? ', its arguments are not known' : ''}`,
  };
}

function namesProgram(programs: readonly string[], { program, realProgram, wrappers }: ExaminedCommand): boolean {
  const names = [program, ...(realProgram === null ? [] : [realProgram]), ...wrappers];
  return names.some((name) => matchesPattern(programs, name) || matchesPattern(programs, baseName(name)));
}

function allowsProgram(programs: readonly string[], { program, realProgram, wrappers }: ExaminedCommand): boolean {
  const raising = wrappers.map(baseName).filter((name) => RAISING.has(name));
  if (!raising.every((name) => matchesPattern(programs, name))) return false;
  if (wrappers.some((name) => name.includes('/') && !SYSTEM_PLACES.test(name))) return false;
  if (!program.includes('/')) return matchesPattern(programs, program);
  if (realProgram === null) return false;
  const byPath = programs.filter((pattern) => pattern.includes('/'));
  if (matchesPattern(byPath, program) && matchesPattern(byPath, realProgram)) return true;
  if (!SYSTEM_PLACES.test(program) || !SYSTEM_PLACES.test(realProgram)) return false;
  return matchesPattern(programs, baseName(program)) && matchesPattern(programs, baseName(realProgram));
}

/** What a dynamic argument becomes may match anything: then a person decides. */
function matchArguments({ allArguments, anyArgument }: CommandMatch, command: ExaminedCommand): RuleVerdict['matched'] {
  if (!allArguments && !anyArgument) return 'yes';
  const known = command.arguments.filter(({ dynamic }) => !dynamic).flatMap(({ text }) => spellings(text));
  const found = (pattern: string) => known.some((text) => matchesPattern([pattern], text));
  if ((allArguments?.every(found) ?? true) && (anyArgument?.some(found) ?? true)) return 'yes';
  return command.arguments.some(({ dynamic }) => dynamic) ? 'unsure' : 'no';
}

/** `-rf` is also `-r` and `-f`. */
function spellings(argument: string): string[] {
  if (!/^-[A-Za-z0-9]{2,}$/.test(argument)) return [argument];
  return [argument, ...[...argument.slice(1)].map((letter) => `-${letter}`)];
}
