import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { layPreparedData } from '@signalbox/core/testing';
import { CliCall } from './cli-call.ts';
import { CliProcess } from './cli-process.ts';
import type { CliOptions, CliResult, CliRun } from './cli-run.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** A server started by `signalbox up` on a data directory and a port of its own. */
export interface ServedCli {
  url: string;
  dataDir: string;
  up: CliRun;
  /** Runs a command against this server, in our own process. */
  cli(args: readonly string[], options?: CliOptions): Promise<CliResult>;
  /** Starts one in a process of its own. */
  start(args: readonly string[], options?: CliOptions): CliProcess;
  stop(): Promise<CliResult>;
}

export interface ServeOptions {
  /** Settings, as environment variables. One that says where the data are leaves it to the server to make them. */
  env?: Record<string, string>;
  /** Whether it is to be a process of its own. */
  apart?: boolean;
}

export async function serveCli({ env = {}, apart = false }: ServeOptions = {}): Promise<ServedCli> {
  const home = temporaryFolder('signalbox-cli-');
  const dataDir = join(home, 'data');
  const own = env.SIGNALBOX_DATA_DIR === undefined && env.SIGNALBOX_EMBEDDED_TIER === undefined;
  if (own) await layPreparedData(dataDir);
  const settings = { SIGNALBOX_DATA_DIR: dataDir, ...(apart ? {} : { SIGNALBOX_LOG_LEVEL: 'silent' }), ...env };
  const args = ['up', '--json', '--port', '0'];
  const up = new (apart ? CliProcess : CliCall)(args, { cwd: home, env: settings });
  const [, url = ''] = await up.printed(/"address":"([^"]+)"/);
  const withServer = (options: CliOptions = {}) => ({
    cwd: home,
    ...options,
    env: { SIGNALBOX_URL: url, ...options.env },
  });
  return {
    url,
    dataDir: settings.SIGNALBOX_DATA_DIR,
    up,
    cli: (given, options) => new CliCall(given, withServer(options)).result,
    start: (given, options) => new CliProcess(given, withServer(options)),
    stop: async () => {
      up.kill('SIGTERM');
      const result = await up.result;
      rmSync(home, { recursive: true, force: true });
      return result;
    },
  };
}
