import { spawn } from 'node:child_process';

const MOST_OUTPUT = 32 * 1024 * 1024;

export type ProgramResult = { exitCode: number; stdout: string; stderr: string } | { failure: string };

/**
 * Runs a program with an argument vector, never by way of a shell, in a process group of its own that is ended when time is up. It gets nothing
 * of our environment but where programs are, where its user lives, and who holds his keys.
 */
export function runProgram(
  program: string,
  args: readonly string[],
  {
    cwd,
    input,
    seconds,
    env: more = {},
  }: {
    cwd: string;
    input?: string | undefined;
    seconds: number;
    env?: Record<string, string>;
  },
): Promise<ProgramResult> {
  return new Promise((resolve) => {
    const kept = ['PATH', 'HOME', 'TMPDIR', 'SSH_AUTH_SOCK'].flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value] as const];
    });
    const env = { ...Object.fromEntries(kept), LC_ALL: 'C.UTF-8', NO_COLOR: '1', ...more };
    const child = spawn(program, args, { cwd, env, stdio: 'pipe', detached: true });
    const texts = { stdout: '', stderr: '' };
    let failure: string | null = null;
    const end = (why: string) => {
      failure ??= why;
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It has ended already.
      }
    };
    const timer = setTimeout(() => end(`it was not done after ${seconds} s`), seconds * 1_000);
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (text: string) => {
        texts[stream] += text;
        if (texts[stream].length > MOST_OUTPUT) end('it says too much');
      });
    }
    // Who reads none of its input may close it.
    child.stdin.on('error', () => undefined).end(input ?? '');
    child.on('error', (error) => {
      clearTimeout(timer);
      resolve({ failure: error.message });
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (failure !== null) resolve({ failure });
      else if (code === null) resolve({ failure: `it was ended by ${signal}` });
      else resolve({ exitCode: code, ...texts });
    });
  });
}
