import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { createOpencodeClient, type OpencodeClient } from '@opencode-ai/sdk/v2/client';
import { type Clock, type RunSpec, SignalboxError } from '@signalbox/core';
import { type GuardedProcess, startGuardedProcess } from '../process/index.ts';
import { createLoopbackFetch } from './loopback-fetch.ts';

/** OpenCode's own user name for the password of its server. */
const USER = 'opencode';
const LISTENING = /^opencode server listening on (http:\/\/\S+)/;
/** A pipe may be held open by a process that is not ours to end. */
const DRAIN_MS = 1_000;
/** How many of the program's last lines go into the error when it does not come up. */
const LAST_LINES = 5;

export interface OpencodeServerOptions {
  spec: RunSpec;
  program: string;
  environment: Readonly<Record<string, string>>;
  /** Only who knows it may use the server. */
  password: string;
  clock: Clock;
  startTimeoutMs: number;
  /** Each line that the program prints. */
  onOutput(stream: 'stdout' | 'stderr', line: string): void;
}

/** A running `opencode serve` of one run, on loopback, with a client for it. */
export interface OpencodeServer {
  readonly process: GuardedProcess;
  readonly client: OpencodeClient;
  /** Subscribes; resolves when the server confirmed it, so that nothing said from then on is missed. */
  events(): Promise<AsyncIterable<unknown>>;
  /** Resolves when everything that the ended program printed has been told. */
  drained(): Promise<void>;
  /** Lets go of the connections. The process is ended through {@link OpencodeServer.process}. */
  disconnect(): void;
}

/** @throws SignalboxError `RUNTIME_FAILED` when it does not come up; nothing of it is left then. */
export async function startOpencodeServer(options: OpencodeServerOptions): Promise<OpencodeServer> {
  const { spec, clock } = options;
  const process = await startGuardedProcess({
    runtime: 'opencode',
    runId: `${spec.sessionId}.${spec.attempt}`,
    argv: [options.program, 'serve', '--hostname=127.0.0.1', '--port=0'],
    cwd: spec.workspacePath,
    environment: { ...options.environment, OPENCODE_SERVER_PASSWORD: options.password },
    stdin: 'empty',
    limits: spec.limits,
    adviceIfMissing: 'Install it with `npm install -g opencode-ai`.',
  });
  const lines: string[] = [];
  const listening = Promise.withResolvers<string>();
  const readers = (['stdout', 'stderr'] as const).map((stream) => {
    const reader = createInterface({ input: process[stream] });
    reader.on('line', (line) => {
      const url = LISTENING.exec(line)?.[1];
      if (url) return listening.resolve(url);
      lines.push(line);
      if (lines.length > LAST_LINES) lines.shift();
      options.onOutput(stream, line);
    });
    return once(reader, 'close');
  });

  const noWait = new AbortController();
  const url = await Promise.race([
    listening.promise,
    process.ended.then((end) => ({ problem: `it ended with ${end.signal ?? `code ${end.exitCode}`}` })),
    clock
      .sleep(options.startTimeoutMs, noWait.signal)
      .then(() => ({ problem: `no answer in ${options.startTimeoutMs} ms` })),
  ]);
  noWait.abort();
  if (typeof url !== 'string') {
    await process.stop(0);
    const said = lines.length > 0 ? `; it said: ${lines.join(' | ')}` : '';
    throw new SignalboxError('RUNTIME_FAILED', {
      runtime: 'opencode',
      reason: `its server did not start: ${url.problem}${said}`,
    });
  }

  const transport = createLoopbackFetch();
  const authorization = `Basic ${Buffer.from(`${USER}:${options.password}`).toString('base64')}`;
  // The client hands over the one request that it made; the declared type is that of the general function.
  const fetchOnLoopback = transport.fetch as typeof fetch;
  const client = createOpencodeClient({
    baseUrl: url,
    directory: spec.workspacePath,
    headers: { authorization },
    fetch: fetchOnLoopback,
  });
  return {
    process,
    client,
    events: async () => {
      // A second attempt would miss what was said in between; a broken stream is the end of the run.
      const { stream } = await client.event.subscribe({}, { sseMaxRetryAttempts: 1 });
      const first = await stream.next();
      if (first.done)
        throw new SignalboxError('RUNTIME_FAILED', {
          runtime: 'opencode',
          reason: 'its event stream could not be opened',
        });
      return stream;
    },
    drained: async () => {
      const noWait = new AbortController();
      await Promise.race([Promise.all(readers), clock.sleep(DRAIN_MS, noWait.signal)]);
      noWait.abort();
      for (const stream of [process.stdout, process.stderr]) stream.destroy();
    },
    disconnect: () => transport.close(),
  };
}
