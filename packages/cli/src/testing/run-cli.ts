import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../bin/signalbox.mjs', import.meta.url));

export interface CliResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface CliOptions {
  cwd?: string;
  env?: Record<string, string>;
  /** A file that both of its outputs go into, as by `> file 2>&1`. */
  into?: string;
}

/** A `signalbox` process that is still running. */
export class RunningCli {
  readonly child: ChildProcess;
  readonly result: Promise<CliResult>;
  stdout = '';
  stderr = '';
  #listeners = new Set<() => void>();

  constructor(args: readonly string[], options: CliOptions = {}) {
    const command = [process.execPath, '--conditions=source', PROGRAM, ...args];
    const [program = '', ...rest] =
      options.into === undefined ? command : ['sh', '-c', 'exec "$@" >"$0" 2>&1', options.into, ...command];
    this.child = spawn(program, rest, {
      cwd: options.cwd,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout?.on('data', (chunk: Buffer) => this.#heard('stdout', chunk));
    this.child.stderr?.on('data', (chunk: Buffer) => this.#heard('stderr', chunk));
    this.result = new Promise((resolve) => {
      this.child.once('close', (code) => {
        resolve({ code, stdout: this.stdout, stderr: this.stderr });
        for (const listener of this.#listeners) listener();
      });
    });
  }

  /** Resolves when one of the streams matches; rejects with all output when the process ends before. */
  printed(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = pattern.exec(this.stdout) ?? pattern.exec(this.stderr);
        if (found !== null) resolve(found);
        else if (this.child.exitCode === null && this.child.signalCode === null) return;
        else reject(new Error(`it ended without ${pattern}:\n${this.stdout}\n${this.stderr}`));
        this.#listeners.delete(look);
      };
      this.#listeners.add(look);
      look();
    });
  }

  #heard(stream: 'stdout' | 'stderr', chunk: Buffer): void {
    this[stream] += chunk.toString('utf8');
    for (const listener of this.#listeners) listener();
  }
}

/** Runs `signalbox` as a process of its own, from its sources, until it ends. */
export function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  return new RunningCli(args, options).result;
}

/** A new directory that the unprivileged user of an embedded PostgreSQL can pass through, when the tests run as root. */
export function temporaryFolder(prefix: string): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), prefix)));
  chmodSync(folder, 0o755);
  return folder;
}

/** A server started by `signalbox up` on a data directory and a port of its own. */
export interface ServedCli {
  url: string;
  dataDir: string;
  up: RunningCli;
  /** Runs a command against this server. */
  cli(args: readonly string[], options?: CliOptions): Promise<CliResult>;
  /** Starts one and leaves it running. */
  start(args: readonly string[], options?: CliOptions): RunningCli;
  stop(): Promise<CliResult>;
}

export async function serveCli(env: Record<string, string> = {}): Promise<ServedCli> {
  const home = temporaryFolder('signalbox-cli-');
  const dataDir = join(home, 'data');
  const up = new RunningCli(['up', '--json', '--port', '0'], {
    cwd: home,
    env: { SIGNALBOX_DATA_DIR: dataDir, ...env },
  });
  const [, url = ''] = await up.printed(/"address":"([^"]+)"/);
  const withServer = (options: CliOptions = {}) => ({
    cwd: home,
    ...options,
    env: { SIGNALBOX_URL: url, ...options.env },
  });
  return {
    url,
    dataDir,
    up,
    cli: (args, options) => runCli(args, withServer(options)),
    start: (args, options) => new RunningCli(args, withServer(options)),
    stop: async () => {
      up.child.kill('SIGTERM');
      const result = await up.result;
      rmSync(home, { recursive: true, force: true });
      return result;
    },
  };
}
