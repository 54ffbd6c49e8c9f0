import { recordAudit } from '../../audit/index.ts';
import type { Transaction } from '../../platform/database/index.ts';
import { recordFeed } from '../../platform/feed/index.ts';
import type { Undo, UndoPlan } from './undo.ts';
import type { UndoParts } from './undo-parts.ts';

/** What is kept of a plan: a preview shows contents, and the store has them. */
export function withoutContents(plan: UndoPlan): UndoPlan {
  return {
    ...plan,
    paths: plan.paths.map((path) => ({ ...path, diff: null })),
    conflicts: plan.conflicts.map((conflict) => ({
      ...conflict,
      base: conflict.base && { ...conflict.base, text: null },
      ours: conflict.ours && { ...conflict.ours, text: null },
      theirs: conflict.theirs && { ...conflict.theirs, text: null },
      merged: null,
    })),
  };
}

/** Tells audit and feed of an undo's step, in the transaction that makes it. */
export async function recordUndoStep(
  tx: Transaction,
  { ids }: UndoParts,
  undo: Undo,
  action: 'create' | 'apply' | 'complete' | 'fail' | 'cancel',
  actor: string,
): Promise<void> {
  const { id, projectId, workspaceId, status, version, plan, report, error, undoes, restored, rollbackOperationId } =
    undo;
  const counted = (outcome: string) => plan?.paths.filter((path) => path.outcome === outcome).length ?? 0;
  const entry = {
    actor,
    action: `undo.${action}`,
    subjectType: 'undo',
    subjectId: id,
    versionBefore: action === 'create' ? null : version - 1,
    versionAfter: version,
    details: {
      workspaceId,
      undoes,
      rollbackOperationId,
      ...(action === 'create' ? { selection: undo.selection } : {}),
      ...(plan ? { digest: plan.digest, restored: counted('restored'), merged: counted('merged') } : {}),
      ...(report ? { foreign: report.foreign, revertCommit: report.revertCommit } : {}),
      ...(error ? { error: error.code, wentBack: restored } : {}),
    },
  };
  await recordAudit(tx, projectId, entry, ids);
  await recordFeed(tx, projectId, 'undo', { undoId: id, workspaceId, status, version });
}
