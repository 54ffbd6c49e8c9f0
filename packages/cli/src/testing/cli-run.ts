export interface CliResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface CliOptions {
  cwd?: string;
  env?: Record<string, string>;
}

/** A `signalbox` that was started, in a process of its own or in ours, and what it has said so far. */
export abstract class CliRun {
  abstract readonly result: Promise<CliResult>;
  stdout = '';
  stderr = '';
  #listeners = new Set<() => void>();
  #ended = false;

  /** Id of the process that it runs in. */
  abstract get pid(): number;

  abstract kill(signal: NodeJS.Signals): void;

  /** Resolves when one of the streams matches; rejects with all output when it ends before. */
  printed(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = pattern.exec(this.stdout) ?? pattern.exec(this.stderr);
        if (found !== null) resolve(found);
        else if (!this.#ended) return;
        else reject(new Error(`it ended without ${pattern}:\n${this.stdout}\n${this.stderr}`));
        this.#listeners.delete(look);
      };
      this.#listeners.add(look);
      look();
    });
  }

  protected heard(stream: 'stdout' | 'stderr', chunk: Buffer | string): void {
    this[stream] += chunk.toString();
    for (const listener of this.#listeners) listener();
  }

  protected ended(code: number | null): CliResult {
    this.#ended = true;
    for (const listener of this.#listeners) listener();
    return { code, stdout: this.stdout, stderr: this.stderr };
  }
}
