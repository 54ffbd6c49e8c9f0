import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { GitShells } from './git-shells.ts';

/** Oldest git whose plumbing we rely on (design.md §5); `doctor` checks it. */
export const OLDEST_GIT = '2.38';

/**
 * Environment under which git neither reads the user's or the system's configuration nor asks anything: captures are
 * raw bytes and the same on every machine.
 */
const BARE_ENVIRONMENT = {
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
  GIT_OPTIONAL_LOCKS: '0',
  LC_ALL: 'C',
};

/** Switched off by command line, which wins over any repository's own configuration. */
const QUIET = [
  '-c',
  'core.fsmonitor=false',
  '-c',
  'core.hooksPath=/dev/null',
  '-c',
  'core.quotePath=false',
  '-c',
  'core.precomposeUnicode=false',
];

export interface GitCall {
  cwd: string;
  input?: string | Uint8Array;
  env?: Record<string, string>;
  /** Exit codes that are answers; by default only 0 is. */
  accepts?: (code: number) => boolean;
  /** True where the user's own configuration must be heard: listing what the user's ignore rules leave. */
  asUser?: boolean;
}

const shells = new GitShells();

/** Runs git and answers its standard output as raw bytes. Rejects with git's own message when it fails. */
export async function git(args: readonly string[], call: GitCall): Promise<Buffer> {
  const { accepts = (code) => code === 0 } = call;
  const base = withoutGit(process.env);
  const words = ['git', ...QUIET, ...args];
  const command = { words, cwd: call.cwd, env: environmentOf(call, base), input: call.input };
  const { exitCode, stdout, stderr } = await shells.run(command, base);
  if (accepts(exitCode)) return stdout;
  const said = stderr.trim();
  throw new Error(`git ${args.join(' ')} ended with ${exitCode}${said === '' ? '' : `: ${said}`}`);
}

/** Starts a git that is spoken to more than once, as `cat-file --batch`; it ends when its standard input does. */
export function spawnGit(args: readonly string[], call: Omit<GitCall, 'input'>): ChildProcessWithoutNullStreams {
  return spawn('git', [...QUIET, ...args], {
    cwd: call.cwd,
    env: environmentOf(call, withoutGit(process.env)),
    stdio: 'pipe',
  });
}

/** What git printed, without the final newline. */
export async function gitText(args: readonly string[], call: GitCall): Promise<string> {
  return (await git(args, call)).toString('utf8').replace(/\n$/, '');
}

function environmentOf(call: Omit<GitCall, 'input'>, base: Record<string, string>): Record<string, string> {
  const environment = call.asUser
    ? { GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' }
    : BARE_ENVIRONMENT;
  return { ...base, ...environment, ...call.env };
}

/** A caller that is itself run by git (a hook) passes GIT_DIR and the like on, which would lead us astray. */
function withoutGit(environment: NodeJS.ProcessEnv): Record<string, string> {
  const kept = Object.entries(environment).filter(([name]) => !name.startsWith('GIT_'));
  return Object.fromEntries(kept.filter((entry): entry is [string, string] => entry[1] !== undefined));
}
