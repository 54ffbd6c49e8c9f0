import type { Command } from 'commander';
import type { Io } from './io.ts';

/** Options of commands that open the data directly: where it is. */
export interface LocalOptions {
  dataDir?: string;
  databaseUrl?: string;
  config?: string;
}

export function localOptions(command: Command): Command {
  return command
    .option('--data-dir <path>', 'data directory (SIGNALBOX_DATA_DIR; .signalbox without)')
    .option('--database-url <url>', 'PostgreSQL server instead of the embedded database (DATABASE_URL)')
    .option('--config <file>', 'configuration file');
}

/** Where the server package is to read its configuration: flags over environment over file. */
export interface LocalSources {
  cwd: string;
  environment: Io['env'];
  /** Dotted setting name → text. */
  flags: Record<string, string | undefined>;
  /** A configuration file named on the command line. */
  file: string | undefined;
}

export function localSources(
  io: Io,
  options: LocalOptions,
  further: Record<string, string | undefined> = {},
): LocalSources {
  return {
    cwd: io.cwd(),
    environment: io.env,
    flags: { dataDir: options.dataDir, databaseUrl: options.databaseUrl, ...further },
    file: options.config,
  };
}
