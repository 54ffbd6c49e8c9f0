import { stat } from 'node:fs/promises';
import { basename, isAbsolute, join, relative, resolve } from 'node:path';
import { isInside, realPathOf, writtenPaths } from '../workspaces/index.ts';
import type { CallFacts, DecidingPolicy } from './decision.ts';
import { baseName } from './shell/look-through.ts';
import { commandOfVector, readCommands } from './shell/read-commands.ts';
import type { SimpleCommand, Word, WrittenFile } from './shell/simple-command.ts';

/** A file that a call writes; both null where it cannot be told which one. */
export interface CallPath {
  given: string;
  absolute: string | null;
  /** Relative to the workspace; null outside of it. */
  relative: string | null;
  /** What lies below is written as well. */
  tree?: true;
}

export interface ExaminedCommand extends SimpleCommand {
  /** Real path of a program that is named by its path; else null. */
  realProgram: string | null;
}

/** What rules are put to one by one: a simple command of the call, a file that it writes, or the call as a whole. */
export interface CallPart {
  command: ExaminedCommand | null;
  path: CallPath | null;
}

export interface ExaminedCall {
  facts: CallFacts;
  parts: CallPart[];
  /** Null where nobody asked for commands, or the call is none of a shell. */
  commands: ExaminedCommand[] | null;
}

/** Tools that run a shell text, or an argument vector, in `command`. */
const SHELL_TOOLS = /^(bash|shell|sh|terminal|exec|execute_command|run_command|run_shell_command|local_shell)$/i;
/** Where a shell tool's directory is named. */
const DIRECTORY_ARGUMENTS = ['workdir', 'cwd', 'directory'] as const;
/** After these a relative path says nothing. */
const MOVING = new Set(['cd', 'pushd', 'popd', 'chroot']);

/** Looks at a call as far as rules ask: reads its commands, and finds where the paths that it writes lead to. */
export async function examineCall(facts: CallFacts, policies: readonly DecidingPolicy[]): Promise<ExaminedCall> {
  const rules = policies.flatMap(({ document }) => document.rules);
  const asksCommands = rules.some(({ match }) => match.commands);
  const asksPaths = rules.some(({ match }) => match.paths);
  return { ...(await partsOf(facts, asksCommands, asksPaths)), facts };
}

/** Files that a call says it writes, relative to its workspace: those outside of it, and those that only a shell can tell, left out. */
export async function filesWrittenBy(call: WritingCall): Promise<string[]> {
  const { parts } = await partsOf(call, true, true);
  return [...new Set(parts.flatMap(({ path }) => path?.relative ?? []))];
}

type WritingCall = Pick<CallFacts, 'tool' | 'arguments' | 'workspacePath'>;

async function partsOf(
  facts: WritingCall,
  asksCommands: boolean,
  asksPaths: boolean,
): Promise<Omit<ExaminedCall, 'facts'>> {
  const given = facts.arguments.command;
  const vector = Array.isArray(given) && given.every((word) => typeof word === 'string') ? given : null;
  if (SHELL_TOOLS.test(facts.tool) && (asksCommands || asksPaths) && (typeof given === 'string' || vector)) {
    return examineShell(facts, vector ? commandOfVector(vector) : await readCommands(given as string));
  }
  const written = asksPaths ? (writtenPaths(facts) ?? []) : [];
  const paths = await Promise.all(
    written.map((path) => callPath(facts.workspacePath, facts.workspacePath, { text: path, dynamic: false })),
  );
  const parts = paths.length > 0 ? paths.map((path) => ({ command: null, path })) : [WHOLE];
  return { parts, commands: null };
}

const WHOLE: CallPart = { command: null, path: null };

async function examineShell(
  facts: WritingCall,
  simple: readonly SimpleCommand[],
): Promise<Omit<ExaminedCall, 'facts'>> {
  const named = DIRECTORY_ARGUMENTS.map((name) => facts.arguments[name]).find((value) => typeof value === 'string');
  const base = resolve(facts.workspacePath, typeof named === 'string' ? named : '.');
  const moves = simple.some((command) => command.indirect !== null || MOVING.has(baseName(command.program)));
  const parts: CallPart[] = [];
  const commands: ExaminedCommand[] = [];
  for (const one of simple) {
    const command = { ...one, realProgram: await realProgram(base, one) };
    commands.push(command);
    parts.push({ command, path: null });
    for (const written of one.writes) {
      for (const file of await filesOf(base, written)) {
        const unsure = moves && !isAbsolute(file.text);
        const path = await callPath(facts.workspacePath, base, unsure ? { ...file, dynamic: true } : file);
        const isTree = file.tree && !(await isFile(path.absolute));
        parts.push({ command, path: isTree ? { ...path, tree: true } : path });
      }
    }
  }
  return { parts: parts.length > 0 ? parts : [WHOLE], commands };
}

/** What goes into a directory is written there under its own name, and so may lead elsewhere. */
async function filesOf(base: string, written: WrittenFile): Promise<WrittenFile[]> {
  const { text, dynamic, sources = [] } = written;
  if (dynamic || sources.length === 0 || !(await isDirectory(resolve(base, text)))) return [written];
  const into = sources.map((source): WrittenFile => {
    const name = basename(source.text);
    // All that is in such a source goes into the directory itself.
    const all = source.dynamic || name === '' || name === '.' || name === '..';
    return { text: all ? text : join(text, name), dynamic, tree: true };
  });
  return [written, ...into];
}

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    // What is not there, or cannot be looked at, is written by its own name.
    () => false,
  );
}

/** Below a file there is nothing; whatever is not there may become a directory. */
async function isFile(path: string | null): Promise<boolean> {
  return path !== null && (await stat(path).catch(() => null))?.isFile() === true;
}

async function callPath(workspace: string, base: string, { text, dynamic }: Word): Promise<CallPath> {
  const unknown = { given: text, absolute: null, relative: null };
  if (dynamic || text.startsWith('~')) return unknown;
  const absolute = await realPathOf(resolve(base, text));
  if (absolute === null) return unknown;
  return { given: text, absolute, relative: isInside(workspace, absolute) ? relative(workspace, absolute) : null };
}

/** A program's real path, which its name may hide: `./ls` may be a link to `rm`. */
async function realProgram(base: string, { program }: SimpleCommand): Promise<string | null> {
  return program.includes('/') ? realPathOf(resolve(base, program)) : null;
}
