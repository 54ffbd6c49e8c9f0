import { type Core, recordAudit, SignalboxError, withTrace } from '@signalbox/core';
import type { FastifyReply } from 'fastify';
import type { Principal } from '../auth/principal.ts';
import { exportDatabase } from '../contract/system.ts';
import { contextOf, type RequestContext, routeOf, type ServeParts } from '../http/serve-operation.ts';
import type { SystemParts } from '../routes/system.ts';
import { DatabaseExports, type ReadyExport } from './database-exports.ts';

/** Milliseconds in which a reader takes nothing before it is given up: it keeps others from their exports. */
const STALLED = 60_000;

/** Adds `POST /system/export`. */
export function exportRoute(
  parts: ServeParts,
  core: Pick<Core, 'database' | 'projects' | 'ids' | 'clock'>,
  system: Pick<SystemParts, 'configuration' | 'database' | 'nodeId'>,
): void {
  const exports = new DatabaseExports({
    database: system.database,
    directory: system.configuration.dataDir,
    ids: core.ids,
    clock: core.clock,
  });

  /** Recorded when the archive is made and before its first byte leaves: what cannot be recorded is not given away. */
  const record = ({ projectId, actor, principal, traceId }: RequestContext, { summary }: ReadyExport) =>
    withTrace({ traceId, actorRole: principal.role }, () =>
      core.database.transaction((tx) =>
        recordAudit(
          tx,
          projectId,
          {
            actor,
            action: 'system.export',
            subjectType: 'system',
            subjectId: system.nodeId,
            details: {
              bytes: summary.size,
              tables: summary.tables.length,
              rows: summary.tables.reduce((sum, { rows }) => sum + rows, 0),
            },
          },
          core.ids,
        ),
      ),
    );

  const answer = async (context: RequestContext, reply: FastifyReply, gone: AbortSignal) => {
    const made = await exports.make(gone);
    gone.addEventListener('abort', () => made.content.destroy());
    try {
      await record(context, made);
      gone.throwIfAborted();
    } catch (error) {
      made.content.destroy();
      throw error;
    }
    reply.raw.setTimeout(STALLED, () => reply.raw.destroy());
    return reply
      .headers({
        'content-type': 'application/gzip',
        'content-length': made.summary.size,
        'content-disposition': 'attachment; filename="signalbox.archive"',
      })
      .send(made.content);
  };

  parts.app.route({
    method: exportDatabase.method,
    url: routeOf(exportDatabase),
    bodyLimit: parts.bodyLimit,
    config: { operation: exportDatabase },
    handler: async (request, reply) => {
      const context = await contextOf(parts, exportDatabase, request);
      await assertMayHaveAll(context.principal, core);
      const gone = new AbortController();
      reply.raw.once('close', () => gone.abort());
      try {
        return await answer(context, reply, gone.signal);
      } catch (error) {
        // There is nobody left to answer.
        if (gone.signal.aborted) return reply.hijack();
        throw error;
      }
    },
  });
}

/** The archive holds every project: a key of one may have it only where there is no other. @throws FORBIDDEN */
async function assertMayHaveAll(principal: Principal, { projects }: Pick<Core, 'projects'>): Promise<void> {
  if (!principal.bound || (await projects.list(1, 1)).total <= 1) return;
  throw new SignalboxError('FORBIDDEN', {
    role: principal.role,
    action: 'export all projects with a key bound to one',
    needed: ['admin of all projects'],
  });
}
