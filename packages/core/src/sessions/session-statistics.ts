import type { Session } from './session.ts';
import { AT_RISK_BELOW_SECONDS, healthScore } from './session-health.ts';
import { getMetrics } from './session-metrics-store.ts';
import type { SessionScope } from './session-parts.ts';
import { countActive, findAtRisk, readStatistics } from './session-statistics-store.ts';

/** Live sessions of a project in numbers (ORC-139…142). */
export interface SessionStatistics {
  /** Most frequent first; the percentages make 100. */
  statusDistribution: { status: Session['status']; count: number; percentage: number }[];
  typeDistribution: { type: Session['sessionType']; count: number }[];
  /** Most urgent first. */
  priorityDistribution: { priority: number; count: number }[];
  /** Seconds from creation to end, of the sessions that have ended; 0 without any. */
  durationStats: {
    totalSessions: number;
    avgDurationSeconds: number;
    medianDurationSeconds: number;
    minDurationSeconds: number;
    maxDurationSeconds: number;
  };
  timestamp: string;
}

/** ORC-208. */
export interface SessionMonitor {
  activeSessionsCount: number;
  atRiskSessionsCount: number;
  /** The most overdue first. */
  atRiskSessions: {
    sessionId: string;
    title: string;
    elapsedSeconds: number;
    /** Negative once the limit has passed. */
    timeRemainingSeconds: number;
    healthScore: number;
  }[];
  stats: SessionStatistics;
  timestamp: string;
}

export function statisticsVerbs(scope: SessionScope) {
  return {
    /** All parts come from one snapshot (ORC-143). */
    stats: (projectId: string): Promise<SessionStatistics> => scope.snapshot((db) => readStatistics(db, projectId)),

    /** What is going on, and which sessions will soon be over their limit. */
    monitor: (projectId: string): Promise<SessionMonitor> =>
      scope.snapshot(async (db) => {
        const stats = await readStatistics(db, projectId);
        const atRisk = await findAtRisk(db, projectId, AT_RISK_BELOW_SECONDS);
        const ids = atRisk.map(({ session }) => session.id);
        const metrics = await getMetrics(db, projectId, ids);
        const atRiskSessions = atRisk.flatMap(({ session, elapsedSeconds }) => {
          const measured = metrics.get(session.id);
          if (!measured) return [];
          return [
            {
              sessionId: session.id,
              title: session.title,
              elapsedSeconds,
              timeRemainingSeconds: session.limits.maxDurationSeconds - elapsedSeconds,
              healthScore: healthScore(session, measured, new Date(stats.timestamp)),
            },
          ];
        });
        return {
          activeSessionsCount: await countActive(db, projectId),
          atRiskSessionsCount: atRiskSessions.length,
          atRiskSessions,
          stats,
          timestamp: stats.timestamp,
        };
      }),
  };
}
