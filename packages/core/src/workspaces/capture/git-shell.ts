import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A program to be run by a shell, with its whole environment. */
export interface ShellCommand {
  /** The program and its arguments. */
  words: readonly string[];
  cwd: string;
  env: Readonly<Record<string, string>>;
  input: string | Uint8Array | undefined;
}

export interface ShellResult {
  exitCode: number;
  stdout: Buffer;
  /** Read only where it failed. */
  stderr: string;
}

/**
 * Runs one line after the other and tells each exit code. Its end of input is our end, however we ended: then it takes its files
 * with it.
 */
const LOOP = `nl='
'
while IFS= read -r line; do
  eval "$line"
  printf '%s\\n' "$?"
done
rm -rf "$1"`;

/**
 * A shell that starts programs for us, one at a time. Starting one copies the page tables of whoever starts it, and nothing else
 * runs in that process meanwhile: 10 ms were measured for a small process of ours and 33 ms for one of 300 MB, against 2 ms for a
 * shell. What the program reads and writes goes through files in a directory that only we can enter.
 */
export class GitShell {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #directory: string;
  #answer: { resolve: (exitCode: number) => void; reject: (error: Error) => void } | null = null;
  #told = '';
  #ended = false;

  private constructor(directory: string, env: Readonly<Record<string, string>>) {
    this.#directory = directory;
    // A process group of its own: Ctrl-C is for us, and what the shell runs for us then shall be finished.
    this.#child = spawn('/bin/sh', ['-c', LOOP, 'sh', directory], { cwd: '/', env, stdio: 'pipe', detached: true });
    this.#child.stdout.on('data', (data: Buffer) => this.#hear(data.toString('latin1')));
    this.#child.stderr.resume();
    this.#child.stdin.on('error', (error) => this.#fail(error));
    this.#child.on('error', (error) => this.#fail(error));
    this.#child.on('close', () => this.#fail(new Error('the shell that starts it has ended')));
    this.#hold(false);
  }

  static async start(env: Readonly<Record<string, string>>): Promise<GitShell> {
    return new GitShell(await mkdtemp(join(tmpdir(), 'signalbox-shell-')), env);
  }

  /** Whether it can run anything (any more). */
  get usable(): boolean {
    return !this.#ended;
  }

  /** Rejects only where the shell itself failed. @param base the environment in which this shell was started. */
  async run(command: ShellCommand, base: Readonly<Record<string, string>>): Promise<ShellResult> {
    const [input, output, errors] = ['in', 'out', 'err'].map((name) => join(this.#directory, name)) as [
      string,
      string,
      string,
    ];
    if (command.input !== undefined) await writeFile(input, command.input, { mode: 0o600 });
    const from = command.input === undefined ? '/dev/null' : quote(input);
    const changed = Object.entries(command.env).filter(([name, value]) => base[name] !== value);
    const words = [...changed.map(([name, value]) => `${name}=${quote(value)}`), ...command.words.map(quote)];
    const exitCode = await this.#ask(
      `{ cd ${quote(command.cwd)} && ${words.join(' ')}; } <${from} >${quote(output)} 2>${quote(errors)}`,
    );
    const stdout = await readFile(output);
    return { exitCode, stdout, stderr: exitCode === 0 ? '' : await readFile(errors, 'utf8') };
  }

  /** Lets it end once it has done what it is at. */
  close(): void {
    this.#ended = true;
    this.#child.stdin.end();
  }

  #ask(line: string): Promise<number> {
    return new Promise((resolve, reject) => {
      if (this.#ended) return reject(new Error('the shell that starts it has ended'));
      this.#answer = { resolve, reject };
      this.#hold(true);
      this.#child.stdin.write(`${line}\n`);
    });
  }

  #hear(text: string): void {
    this.#told += text;
    if (!this.#told.endsWith('\n')) return;
    const exitCode = Number(this.#told);
    this.#told = '';
    this.#hold(false);
    this.#answer?.resolve(exitCode);
    this.#answer = null;
  }

  #fail(error: Error): void {
    this.#ended = true;
    this.#answer?.reject(error);
    this.#answer = null;
  }

  /** Only while it runs something does it keep this process from ending. */
  #hold(held: boolean): void {
    for (const part of [this.#child, this.#child.stdin, this.#child.stdout, this.#child.stderr] as const) {
      const holder = part as { ref?: () => void; unref?: () => void };
      if (held) holder.ref?.();
      else holder.unref?.();
    }
  }
}

/** One word for the shell, on one line whatever is in it. */
export function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`).replaceAll('\n', `'"$nl"'`)}'`;
}
