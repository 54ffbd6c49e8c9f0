import { recordAudit } from '../../audit/index.ts';
import { DatabaseError, type Transaction } from '../../platform/database/index.ts';
import { SignalboxError } from '../../platform/errors/index.ts';
import type { RollbackParts } from '../rollback-parts.ts';
import type { RollbackPoint } from './rollback-point.ts';

/** In the transaction that makes the change. */
export async function auditPoint(
  tx: Transaction,
  point: RollbackPoint,
  verb: 'create' | 'delete' | 'recapture',
  actor: string,
): Promise<void> {
  const { id, projectId, name, kind, sessionId, captured, consistent, version, expiresAt } = point;
  await recordAudit(tx, projectId, {
    actor,
    action: `rollback_point.${verb}`,
    subjectType: 'rollback_point',
    subjectId: id,
    versionAfter: verb === 'delete' ? null : version,
    details: { name, kind, sessionId, captured, consistent, expiresAt },
  });
}

/** RB-195: what could not be made is on record as well. */
export async function auditPointFailure(
  { database, logger }: Pick<RollbackParts, 'database' | 'logger'>,
  { id, name, projectId, sessionId }: Pick<RollbackPoint, 'id' | 'name' | 'projectId' | 'sessionId'>,
  actor: string,
  error: unknown,
): Promise<void> {
  const message = error instanceof Error ? error.message : String(error);
  const details = { name, sessionId, severity: 'error', error: message };
  const entry = {
    actor,
    action: 'rollback_point.create_failed',
    subjectType: 'rollback_point',
    subjectId: id,
    details,
  };
  await database
    .transaction((tx) => recordAudit(tx, projectId, entry))
    .catch((err: unknown) => {
      logger.warn({ err }, 'that a rollback point could not be made could not be recorded');
    });
}

/** A session or workspace that is not there shows in the foreign key. */
export function unknownOwner(
  error: unknown,
  { sessionId, workspaceId }: Pick<RollbackPoint, 'sessionId' | 'workspaceId'>,
): unknown {
  if (
    DatabaseError.is(error, 'fk_rollback_points_session') ||
    DatabaseError.is(error, 'fk_rollback_sessions_session')
  ) {
    return new SignalboxError('SESSION_NOT_FOUND', { id: sessionId }, { cause: error });
  }
  if (DatabaseError.is(error, 'fk_rollback_points_workspace')) {
    return new SignalboxError('WORKSPACE_NOT_FOUND', { id: workspaceId }, { cause: error });
  }
  return error;
}
