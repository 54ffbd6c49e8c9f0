import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { PROGRAM } from '@signalbox/cli/testing';
import { type Client, createClient } from '@signalbox/client';

/** A real `signalbox up` in a process of its own, from the sources, at an address that it keeps over restarts. */
export class ServerProcess {
  readonly address: string;
  readonly client: Client;
  readonly #arguments: readonly string[];
  readonly #environment: NodeJS.ProcessEnv;
  #child: ChildProcess | null = null;
  #exited: Promise<number | NodeJS.Signals> = Promise.resolve(0);
  #log = '';

  private constructor(port: number, dataDir: string, settings: Readonly<Record<string, string>>) {
    this.address = `http://127.0.0.1:${port}`;
    this.client = createClient({ baseUrl: this.address, actor: 'chaos' });
    this.#arguments = ['up', '--json', '--port', String(port), '--data-dir', dataDir];
    this.#environment = { ...withoutSettings(process.env), SIGNALBOX_LOG_LEVEL: 'warn', ...settings };
  }

  static async at(dataDir: string, settings: Readonly<Record<string, string>> = {}): Promise<ServerProcess> {
    return new ServerProcess(await freePort(), dataDir, settings);
  }

  /** Resolves when it listens; its database may still be away. @throws with what it logged when it ends before. */
  async start(): Promise<void> {
    const [program, ...rest] = PROGRAM;
    const child = spawn(program, [...rest, ...this.#arguments], {
      cwd: '/',
      env: this.#environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.#exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        this.#child = null;
        resolve(code ?? signal ?? 0);
      });
    });
    child.stderr.on('data', (chunk: Buffer) => {
      this.#log += chunk.toString('utf8');
    });
    await new Promise<void>((resolve, reject) => {
      let output = '';
      child.stdout.on('data', (chunk: Buffer) => {
        output += chunk.toString('utf8');
        if (/^\{"ready":/m.test(output)) resolve();
      });
      this.#exited.then((end) => reject(new Error(`signalbox up ended with ${end}:\n${output}${this.#log}`)));
    });
  }

  /** Resolves when it says that it can do its work. */
  async ready(): Promise<void> {
    while ((await fetch(`${this.address}/health/ready`)).status !== 200) {
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  /** Process id; null when it is not running. */
  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /** What it wrote to standard error, over all starts. */
  get log(): string {
    return this.#log;
  }

  /** Sends a signal to the server's process alone. Resolves with its exit code, or the signal that ended it. */
  async end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals> {
    this.#child?.kill(signal);
    return this.#exited;
  }
}

/** The tests' own settings must not reach the server. */
function withoutSettings(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => !/^(SIGNALBOX_|DATABASE_|NATS_URL$|VITEST|NODE_)/.test(name)),
  );
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
