import type { Clock, Configuration, PgDatabase, Runtime } from '@signalbox/core';
import * as contract from '../contract/system.ts';
import type { Serve } from '../http/serve.ts';
import { wholePage } from './numbered-page.ts';

export interface SystemParts {
  configuration: Configuration;
  database: Pick<PgDatabase, 'kind' | 'health' | 'withClient'>;
  /** Version of the database as it was when it was opened; null while it was never reached. */
  databaseVersion: string | null;
  nodeId: string;
  version: string;
  startedAt: Date;
  notices: readonly string[];
  runtimes: readonly Runtime[];
  clock: Clock;
}

/** Milliseconds for which it is believed what a runtime said of itself: asking starts a program. */
const CHECKED_FOR = 30_000;

export function systemRoutes(serve: Serve, parts: SystemParts): void {
  const { configuration, database, clock } = parts;
  serve(contract.getSystem, async () => {
    const { available, latencyMs } = await database.health();
    return {
      version: parts.version,
      nodeId: parts.nodeId,
      roles: configuration.roles,
      database: { kind: database.kind, version: parts.databaseVersion, available, latencyMs },
      auth: configuration.auth,
      startedAt: parts.startedAt.toISOString(),
      dataDir: configuration.dataDir,
      notices: parts.notices,
    };
  });
  let checked: { at: number; reports: Promise<unknown[]> } | null = null;
  serve(contract.listRuntimes, async () => {
    if (checked === null || clock.monotonic() - checked.at > CHECKED_FOR) {
      checked = { at: clock.monotonic(), reports: Promise.all(parts.runtimes.map(report)) };
    }
    return wholePage(await checked.reports);
  });
}

async function report(runtime: Runtime) {
  const found = await runtime.check();
  const nothing = { version: null, detail: null, reason: null, advice: null };
  return { name: runtime.name, ...nothing, ...found };
}
