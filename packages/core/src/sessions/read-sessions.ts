import { SignalboxError } from '../platform/errors/index.ts';
import type { ListQuery, Page } from '../platform/query/index.ts';
import type { Checkpoint } from './checkpoints/checkpoint.ts';
import { getCheckpoints } from './checkpoints/checkpoint-store.ts';
import type { Session } from './session.ts';
import type { AttemptRecord } from './session-attempt.ts';
import { childIds, treeRows } from './session-family-store.ts';
import { healthScore, whyNotRecoverable } from './session-health.ts';
import { countSessions, findSessions, pageSessions, type RankedSession, searchSessions } from './session-list-store.ts';
import type { SessionMetrics } from './session-metrics.ts';
import { getMetrics, listAttempts } from './session-metrics-store.ts';
import type { SessionScope } from './session-parts.ts';
import { getSessions, sessionExists } from './session-store.ts';
import { buildTree, type SessionTree } from './session-tree.ts';

/** What can be read along with a session, each in one more statement (ORC-055, ORC-097). */
export const SESSION_RELATIONS = ['metrics', 'checkpoints', 'children'] as const;
export type SessionRelation = (typeof SESSION_RELATIONS)[number];

/** A session with the relations that were asked for, and no others. */
export interface SessionDetails extends Session {
  metrics?: SessionMetrics;
  /** By sequence. */
  checkpoints?: Checkpoint[];
  /** Live children, oldest first. */
  childIds?: string[];
}

/** Metrics with what is judged from them. */
export interface JudgedMetrics extends SessionMetrics {
  /** ORC-017: 1 is well, 0 is not. */
  healthScore: number;
  /** ORC-016: whether a retry is possible. */
  isRecoverable: boolean;
}

const DEFAULT_DEPTH = 5;
const MAX_DEPTH = 100;

export function readingVerbs(scope: SessionScope) {
  const existing = async (projectId: string, id: string): Promise<Session> => {
    const [session] = await getSessions(scope.read, projectId, [id]);
    if (!session) throw new SignalboxError('SESSION_NOT_FOUND', { id });
    return session;
  };

  return {
    /** Null for an unknown or soft-deleted session (ORC-096, ORC-100). */
    async get(
      projectId: string,
      id: string,
      { include = [], includeDeleted = false }: { include?: readonly SessionRelation[]; includeDeleted?: boolean } = {},
    ): Promise<SessionDetails | null> {
      const [session] = await getSessions(scope.read, projectId, [id], includeDeleted);
      if (!session) return null;
      const details: SessionDetails = { ...session };
      if (include.includes('metrics')) {
        const metrics = (await getMetrics(scope.read, projectId, [id])).get(id);
        if (metrics) details.metrics = metrics;
      }
      if (include.includes('checkpoints')) details.checkpoints = await getCheckpoints(scope.read, projectId, id);
      if (include.includes('children')) details.childIds = await childIds(scope.read, projectId, id);
      return details;
    },

    /** True only for a live session (ORC-104). */
    exists: (projectId: string, id: string): Promise<boolean> => sessionExists(scope.read, projectId, id),

    /** One page (ORC-102). @throws as {@link import('../platform/query/index.ts').composePage} */
    list: (projectId: string, query: ListQuery = {}): Promise<Page<Session>> =>
      pageSessions(scope.read, projectId, query),

    /** Any number of sessions (ORC-101, ORC-206); a limit of 0 gives none. */
    find: (projectId: string, query: ListQuery = {}, { limit = 100, offset = 0 } = {}): Promise<Session[]> =>
      findSessions(scope.read, projectId, query, limit, offset),

    count: (projectId: string, query: Pick<ListQuery, 'filters' | 'includeDeleted'> = {}): Promise<number> =>
      countSessions(scope.read, projectId, query),

    /** Full text over title and description, best match first unless sorted otherwise (ORC-111). */
    search: (projectId: string, text: string, query: ListQuery = {}): Promise<Page<RankedSession>> =>
      searchSessions(scope.read, projectId, text, query),

    /** Null for an unknown or soft-deleted root. */
    async tree(projectId: string, id: string, maxDepth = DEFAULT_DEPTH): Promise<SessionTree | null> {
      if (!Number.isInteger(maxDepth) || maxDepth < 1 || maxDepth > MAX_DEPTH) {
        throw new SignalboxError('VALIDATION_FAILED', { reason: `maxDepth must be between 1 and ${MAX_DEPTH}` });
      }
      return buildTree(await treeRows(scope.read, projectId, id, maxDepth));
    },

    /** @throws SESSION_NOT_FOUND */
    async metrics(projectId: string, id: string): Promise<JudgedMetrics> {
      const session = await existing(projectId, id);
      const metrics = (await getMetrics(scope.read, projectId, [id])).get(id);
      if (!metrics) throw new SignalboxError('SESSION_NOT_FOUND', { id });
      const isRecoverable = whyNotRecoverable(session) === null;
      return { ...metrics, healthScore: healthScore(session, metrics, scope.clock.now()), isRecoverable };
    },

    /** Attempts that retries have put behind, oldest first. @throws SESSION_NOT_FOUND */
    async attempts(projectId: string, id: string): Promise<AttemptRecord[]> {
      await existing(projectId, id);
      return listAttempts(scope.read, projectId, id);
    },
  };
}
