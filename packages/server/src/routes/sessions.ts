import { parseListQuery, SESSION_FIELDS, type Session, type Sessions, SignalboxError } from '@signalbox/core';
import * as parts from '../contract/session-parts.ts';
import * as contract from '../contract/sessions.ts';
import type { Serve } from '../http/serve.ts';
import { numberedPage, wholePage } from './numbered-page.ts';

/** Creating, reading, changing and deleting sessions. */
export function sessionRoutes(serve: Serve, sessions: Sessions): void {
  serve(contract.listSessions, ({ query }, { projectId }) =>
    sessions.list(projectId, parseListQuery(SESSION_FIELDS, query)),
  );
  serve(contract.createSession, ({ body }, { projectId, actor }) => sessions.create(projectId, body, actor));
  serve(contract.searchSessions, ({ query }, { projectId }) => {
    const { q } = contract.searchSessions.query.parse(query);
    return sessions.search(projectId, q, parseListQuery(SESSION_FIELDS, query, ['q']));
  });
  serve(contract.sessionStats, (_given, { projectId }) => sessions.stats(projectId));
  serve(contract.monitorSessions, (_given, { projectId }) => sessions.monitor(projectId));
  serve(contract.getSession, async ({ params, query }, { projectId }) =>
    found(params.id, await sessions.get(projectId, params.id, query)),
  );
  serve(contract.updateSession, ({ params, body, version }, { projectId, actor }) =>
    sessions.update(projectId, params.id, body, actor, { version }),
  );
  serve(contract.deleteSession, async ({ params, query, version }, { projectId, actor }) => {
    const deleted = query.hard
      ? await sessions.hardDelete(projectId, params.id, actor, { version })
      : await sessions.delete(projectId, params.id, actor, { version });
    if (!deleted) throw new SignalboxError('SESSION_NOT_FOUND', { id: params.id });
  });
  serve(parts.sessionMetrics, ({ params }, { projectId }) => sessions.metrics(projectId, params.id));
  serve(parts.sessionTree, async ({ params, query }, { projectId }) =>
    found(params.id, await sessions.tree(projectId, params.id, query.maxDepth)),
  );
  serve(parts.sessionAttempts, async ({ params }, { projectId }) =>
    wholePage(await sessions.attempts(projectId, params.id)),
  );
  serve(parts.listCheckpoints, async ({ params, query }, { projectId }) => {
    const all = await sessions.listCheckpoints(projectId, params.id);
    const ordered = query.sortOrder === 'desc' ? all.reverse() : all;
    return numberedPage(query, async (page, pageSize) => ({
      items: ordered.slice((page - 1) * pageSize, page * pageSize),
      total: all.length,
    }));
  });
  serve(parts.createCheckpoint, ({ params, body }, { projectId }) =>
    sessions.addCheckpoint(projectId, params.id, body),
  );
  serve(parts.restoreFromCheckpoint, ({ params, body }, { projectId, actor }) =>
    sessions.restoreCheckpoint(projectId, params.id, params.sequence, body, actor),
  );
  serve(parts.resumeFromCheckpoint, ({ params, body, version }, { projectId, actor }) =>
    sessions.resumeCheckpoint(projectId, params.id, params.sequence, body, actor, { version }),
  );
  serve(parts.getCheckpoint, ({ params }, { projectId }) =>
    sessions.getCheckpoint(projectId, params.id, params.sequence),
  );
}

function found<T extends Pick<Session, 'id'>>(id: string, session: T | null): T {
  if (!session) throw new SignalboxError('SESSION_NOT_FOUND', { id });
  return session;
}
