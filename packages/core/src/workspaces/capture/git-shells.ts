import { GitShell, type ShellCommand, type ShellResult } from './git-shell.ts';

/** As many programs run at once; further ones wait. Most have little to compute, so that there may be more than cores. */
const MOST = 4;

/** The shells of this process; see {@link GitShell}. Started when needed, they end with it. */
export class GitShells {
  #base: Record<string, string> = {};
  #baseText = '';
  #idle: GitShell[] = [];
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  /** @param base of each command's environment: what is not in it must not be in theirs either. */
  async run(command: ShellCommand, base: Record<string, string>): Promise<ShellResult> {
    if (this.#running >= MOST) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running += 1;
    try {
      this.#adopt(base);
      const env = this.#base;
      const shell = this.#idle.pop() ?? (await GitShell.start(env));
      const result = await shell.run(command, env);
      if (env === this.#base && shell.usable) this.#idle.push(shell);
      else shell.close();
      return result;
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }

  /** Shells started in another environment are of no more use. */
  #adopt(base: Record<string, string>): void {
    const text = JSON.stringify(base);
    if (text === this.#baseText) return;
    this.#base = base;
    this.#baseText = text;
    for (const shell of this.#idle) shell.close();
    this.#idle = [];
  }
}
