import { type Clock, type Database, SignalboxError } from '@signalbox/core';
import type { Role } from '../roles/role.ts';
import type { Readiness } from './readiness.ts';

export type ComponentStatus = 'ok' | 'degraded' | 'unavailable';

export interface HealthReport {
  status: ComponentStatus;
  version: string;
  nodeId: string;
  /** Seconds since the start. */
  uptimeSeconds: number;
  components: {
    database: { status: ComponentStatus; latencyMs: number | null; reason: string | null };
    schema: { status: ComponentStatus; reason: string | null };
    feed: { status: ComponentStatus; lagSeconds: number | null; unplaced: number | null };
    roles: Record<string, { status: ComponentStatus; reason: string | null }>;
  };
}

export interface HealthParts {
  database: Pick<Database, 'health'>;
  readiness: Readiness;
  /** Rows of the feed that have no position yet, and the age of the oldest. */
  feedLag(): Promise<{ unplaced: number; oldestSeconds: number | null }>;
  roles: readonly Role[];
  clock: Clock;
  version: string;
  nodeId: string;
  startedAt: Date;
}

/** A feed that is further behind than this is not keeping up. */
const FEED_LAG_SECONDS = 10;
/** Slower than this and everything else is slow too. */
const LATENCY_MS = 1000;

/** Asks every part how it is. Never throws: what cannot be asked is part of the answer. */
export async function reportHealth(parts: HealthParts): Promise<HealthReport> {
  const { available, latencyMs, reason } = await parts.database.health();
  const slow = latencyMs !== null && latencyMs > LATENCY_MS;
  const lag = available && parts.readiness.phase === 'ready' ? await lagOf(parts) : null;
  const components: HealthReport['components'] = {
    database: { status: !available ? 'unavailable' : slow ? 'degraded' : 'ok', latencyMs, reason },
    schema: { status: parts.readiness.phase === 'ready' ? 'ok' : 'unavailable', reason: parts.readiness.reason },
    feed: {
      status: lag === null || (lag.oldestSeconds ?? 0) > FEED_LAG_SECONDS ? 'degraded' : 'ok',
      lagSeconds: lag === null ? null : (lag.oldestSeconds ?? 0),
      unplaced: lag?.unplaced ?? null,
    },
    roles: Object.fromEntries(parts.roles.map((role) => [role.name, role.report()])),
  };
  return {
    status: overall(components),
    version: parts.version,
    nodeId: parts.nodeId,
    uptimeSeconds: Math.round((parts.clock.now().getTime() - parts.startedAt.getTime()) / 1000),
    components,
  };
}

/** Null when the database went away just then. */
async function lagOf(parts: HealthParts): Promise<Awaited<ReturnType<HealthParts['feedLag']>> | null> {
  try {
    return await parts.feedLag();
  } catch (error) {
    if (SignalboxError.is(error, 'DATABASE_UNAVAILABLE')) return null;
    throw error;
  }
}

/** Without database or schema nothing works; without the rest something does. */
function overall({ database, schema, feed, roles }: HealthReport['components']): ComponentStatus {
  if (database.status === 'unavailable' || schema.status === 'unavailable') return 'unavailable';
  const all = [database, feed, ...Object.values(roles)];
  return all.every(({ status }) => status === 'ok') ? 'ok' : 'degraded';
}
