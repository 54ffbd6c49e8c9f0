import { type ChildProcess, spawn } from 'node:child_process';

/** A running `npm start`, as a terminal would have it: the leader of a process group of its own. */
export class NpmStart {
  readonly child: ChildProcess;
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  #output = '';
  #listeners: (() => void)[] = [];

  constructor(directory: string, environment: Record<string, string>) {
    this.child = spawn('npm', ['start'], {
      cwd: directory,
      env: { ...cleanEnvironment(), ...environment },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.#output += chunk.toString('utf8');
        for (const listener of this.#listeners) listener();
      });
    }
    this.exited = new Promise((resolve) => {
      this.child.once('exit', (code, signal) => resolve({ code, signal }));
    });
    this.exited.then(() => {
      for (const listener of this.#listeners) listener();
    });
  }

  get output(): string {
    return this.#output;
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error('npm did not start');
    return this.child.pid;
  }

  /** Resolves when the output matches; rejects with the output when npm ends before. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = pattern.exec(this.#output);
        if (found !== null) resolve(found);
        else if (this.child.exitCode !== null || this.child.signalCode !== null) {
          reject(new Error(`npm ended (${this.child.exitCode ?? this.child.signalCode}) without it:\n${this.#output}`));
        } else return;
        this.#listeners = this.#listeners.filter((listener) => listener !== look);
      };
      this.#listeners.push(look);
      look();
    });
  }
}

/** Without what npm and vitest put into the environment of this test, which a terminal would not have. */
function cleanEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value === undefined ||
      /^(npm_|VITEST|NODE_OPTIONS$|NODE_ENV$|SIGNALBOX_|TEST$|MODE$|DEV$|PROD$|SSR$|BASE_URL$)/.test(name)
        ? []
        : [[name, value]],
    ),
  );
}
