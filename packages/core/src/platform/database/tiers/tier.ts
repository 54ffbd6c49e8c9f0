import type pg from 'pg';
import type { Clock } from '../../clock/clock.ts';

/** What the configuration says about where data lives. */
export interface TierSettings {
  /** Connection string of a server; null for the database in the data directory. */
  databaseUrl: string | null;
  /** Directory of everything that the program keeps on this machine. */
  dataDir: string;
  /** Which engine the data directory is to use; null: what it has, else PostgreSQL where it can run, else PGlite. */
  embedded: EmbeddedKind | null;
}

/** `postgres`: a PostgreSQL of our own under our supervisor. `pglite`: PostgreSQL as WebAssembly inside our process. */
export type EmbeddedKind = 'postgres' | 'pglite';

/** A database that is up and can be connected to. */
export interface OpenTier {
  kind: 'server' | 'embedded' | 'pglite';
  /** For `new pg.Pool(…)`. On PGlite it has one connection (`max: 1`); more would wait for each other. */
  poolConfig: pg.PoolConfig;
  /** Why a lesser tier was taken and what its limits are, for people; null where there is nothing to say. */
  notice: string | null;
  /** PostgreSQL's version: '18.4'; 'unknown' for one that could not be asked. */
  version: string;
  /** True when a PostgreSQL that a killed program left behind was found running and taken over. */
  adopted: boolean;
  /** Tells a second program on this data directory where the first one answers. Nothing to do on a server. */
  announce(address: string): Promise<void>;
  /** Stops what was started here (clients must be gone) and frees the data directory. May be called twice. */
  close(): Promise<void>;
}

/** The few verbs of the program's logger that are used here. */
export interface TierLogger {
  info(details: Record<string, unknown>, message: string): void;
  warn(details: Record<string, unknown>, message: string): void;
  error(details: Record<string, unknown>, message: string): void;
}

export interface TierParts {
  clock: Clock;
  /** Recorded as the maker of a new data directory: '0.1.0'. */
  programVersion: string;
  logger?: TierLogger | undefined;
}
