import type { Client, Session, SessionMetrics } from '@signalbox/client';
import { isActive } from '@signalbox/client';

/** Sessions whose use is added up, at most; the newest ones. */
const MOST_SESSIONS = 100;
const AT_ONCE = 4;

/** What the sessions with events since a time have used. */
export interface FleetUsage {
  tokens: bigint;
  inputTokens: bigint;
  outputTokens: bigint;
  costMicroUsd: bigint;
  toolCalls: number;
  /** Sessions that were added up, and how many there are. Fewer than all when there are very many. */
  counted: number;
  total: number;
  /** Sessions that reported no tokens: their use is unknown, not 0. */
  unmeasured: number;
}

type RememberedMetrics = Map<string, { version: number; metrics: SessionMetrics }>;

/**
 * Adds up the metrics of the sessions that had an event since `since`. Those that have ended are read once and kept in
 * `remembered`.
 */
export async function readFleetUsage(
  client: Client,
  since: Date,
  remembered: RememberedMetrics,
  signal: AbortSignal,
): Promise<FleetUsage> {
  const page = await client.sessions.list(
    { 'lastEventAt.gte': since.toISOString(), sortBy: 'lastEventAt', sortOrder: 'desc', pageSize: MOST_SESSIONS },
    { signal },
  );
  const read = async (session: Session): Promise<SessionMetrics> => {
    const kept = remembered.get(session.id);
    if (kept?.version === session.version && !isActive(session.status)) return kept.metrics;
    const metrics = await client.sessions.metrics(session.id, { signal });
    remembered.set(session.id, { version: session.version, metrics });
    return metrics;
  };
  const all: SessionMetrics[] = [];
  const waiting = [...page.items];
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) all.push(await read(next));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  const sum = (field: 'totalTokensUsed' | 'inputTokens' | 'outputTokens' | 'estimatedCostMicroUsd') =>
    all.reduce((total, metrics) => total + BigInt(metrics[field] ?? 0), 0n);
  return {
    tokens: sum('totalTokensUsed'),
    inputTokens: sum('inputTokens'),
    outputTokens: sum('outputTokens'),
    costMicroUsd: sum('estimatedCostMicroUsd'),
    toolCalls: all.reduce((total, metrics) => total + metrics.toolCallsCount, 0),
    counted: all.length,
    total: page.total,
    unmeasured: all.filter(({ totalTokensUsed }) => totalTokensUsed === null).length,
  };
}
