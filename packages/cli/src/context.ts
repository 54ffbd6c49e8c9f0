import { type Client, createClient } from '@signalbox/client';
import type { Command } from 'commander';
import type { Io } from './io.ts';
import { Output } from './output/output.ts';

/** Where a server listens that was told nothing else. */
export const DEFAULT_URL = 'http://127.0.0.1:4780';

/** Options that every command takes. */
export interface GlobalOptions {
  url?: string;
  token?: string;
  project?: string;
  actor?: string;
  json?: boolean;
}

/** What a command works with. */
export interface Context {
  readonly io: Io;
  readonly out: Output;
  /** The client of the server that the options and the environment point at; nothing is sent before it is used. */
  readonly client: Client;
  /** The client of another server, as the same caller. */
  connect(baseUrl: string): Client;
}

export function createContext(io: Io, options: GlobalOptions): Context {
  const connect = (baseUrl: string) =>
    createClient({
      baseUrl,
      token: options.token ?? io.env.SIGNALBOX_TOKEN,
      project: options.project ?? io.env.SIGNALBOX_PROJECT,
      actor: options.actor ?? io.env.SIGNALBOX_ACTOR ?? io.env.USER ?? null,
    });
  return {
    io,
    out: new Output(io, options.json === true),
    client: connect(options.url ?? serverUrl(io.env)),
    connect,
  };
}

/** The options of a command together with those of its parents. */
export function globalOptions(command: Command): GlobalOptions {
  return command.optsWithGlobals<GlobalOptions>();
}

/** `SIGNALBOX_URL`, else the address that a server started with this environment would listen on. */
function serverUrl(env: Io['env']): string {
  if (env.SIGNALBOX_URL) return env.SIGNALBOX_URL;
  const { hostname, port } = new URL(DEFAULT_URL);
  const host = env.SIGNALBOX_HOST || hostname;
  const reachable = host === '0.0.0.0' || host === '::' ? hostname : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${env.SIGNALBOX_PORT || port}`;
}
