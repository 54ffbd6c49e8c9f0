import { type Client, createClient } from '@signalbox/client';
import type { Command } from 'commander';
import type { Io } from './io.ts';
import { Output } from './output/output.ts';
import { serverUrl } from './server-url.ts';

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
  /** What was said of the server on the command line: hooks that are written down say it too. */
  readonly target: { url: string | null; project: string | null };
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
    target: { url: options.url ?? io.env.SIGNALBOX_URL ?? null, project: options.project ?? null },
    connect,
  };
}

/** The options of a command together with those of its parents. */
export function globalOptions(command: Command): GlobalOptions {
  return command.optsWithGlobals<GlobalOptions>();
}
