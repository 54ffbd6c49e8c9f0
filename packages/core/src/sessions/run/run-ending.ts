import { appendInTransaction, storableJson } from '../../journal/index.ts';
import type { Transaction } from '../../platform/database/index.ts';
import type { Claim } from '../../tasks/index.ts';
import { holdSession } from '../held-sessions.ts';
import type { RuntimeSessionRef } from '../runtime.ts';
import type { JsonObject, Session } from '../session.ts';
import { onTransaction } from '../session-parts.ts';
import { carryOut } from '../session-write.ts';
import type { RunnerParts } from './runner-parts.ts';
import type { RunReport } from './session-run.ts';

/**
 * Writes down how a run ended, in one transaction with the end of its claim: so a result is never stored by somebody
 * whose claim was taken away, and a stored result is never run again. @throws CLAIM_LOST
 */
export async function recordEnding(
  parts: RunnerParts,
  claim: Claim,
  session: Session,
  report: RunReport,
): Promise<void> {
  const { end, outcome } = report;
  await parts.database.transaction(
    async (tx) => {
      const verbs = parts.sessions.within(tx);
      const tasks = parts.tasks.within(tx);
      const { projectId } = claim;
      await tasks.hold(claim);
      await keepRuntimeSession(parts, tx, claim, session.id, report.runtimeSession);
      const checkpoint = {
        data: storableJson({ end, treeId: report.treeId, runtimeSession: report.runtimeSession }) as JsonObject,
        metadata: { reason: 'run_end', attempt: session.attempt },
      };
      await verbs.addCheckpoint(projectId, session.id, checkpoint, {
        reason: 'run_end',
        ...(report.runtimeSession && { runtimeSession: report.runtimeSession }),
      });
      if (end === 'parked' || end === 'shutdown') {
        await tasks.abandon(claim);
        await verbs.orphan(projectId, session.id, claim.agent);
        const goesOn = await verbs.goOnAnswered(projectId, session.id, claim.agent);
        const resumes = end === 'shutdown' && session.onOrphan === 'resume';
        if (goesOn === null && resumes) await verbs.retryAutomatically(projectId, session.id, claim.agent);
        return;
      }
      if (end === 'timeout') {
        await tasks.fail(claim, { name: 'SESSION_TIMEOUT', message: 'over its limit', retryable: false });
        await verbs.timeout(projectId, session.id, claim.agent);
        return;
      }
      if (outcome.status === 'completed') {
        await tasks.complete(claim, { exitCode: outcome.exitCode });
        const result = storableJson({ ...outcome.result, exitCode: outcome.exitCode }) as JsonObject;
        await verbs.complete(projectId, session.id, { result }, claim.agent);
        return;
      }
      const { name, message, retryable } = outcome.error ?? unexplained(outcome.signal);
      await tasks.fail(claim, { name, message: message.slice(0, 2000), retryable: false });
      const error = storableJson({ name, message: message.slice(0, 20_000) });
      const errorContext = { exitCode: outcome.exitCode, signal: outcome.signal };
      await verbs.fail(projectId, session.id, { error, errorContext, retryable }, claim.agent);
    },
    { retries: 3 },
  );
}

/** Notes how the runtime names its session, as soon as it is known: a later attempt goes on from there. */
export async function keepRuntimeSession(
  parts: RunnerParts,
  tx: Transaction,
  claim: Claim,
  sessionId: string,
  runtimeSession: RuntimeSessionRef | null,
): Promise<void> {
  if (!runtimeSession) return;
  const before = await holdSession(tx, claim.projectId, sessionId);
  await carryOut(onTransaction(parts, tx), tx, claim.projectId, claim.agent, [
    { before, patch: { runtimeSession }, verb: 'runtime' },
  ]);
}

/** Notes, after somebody ended the session over its runner's head, that nothing of the run is left. */
export async function recordStopped(
  parts: RunnerParts,
  claim: Claim,
  session: Session,
  report: RunReport,
): Promise<void> {
  await parts.database.transaction((tx) =>
    appendInTransaction(
      tx,
      claim.projectId,
      session.id,
      [
        {
          type: 'status',
          actor: claim.agent,
          payload: { phase: 'run_stopped', executedSeconds: report.usage.executedSeconds, treeId: report.treeId },
        },
      ],
      { at: parts.clock.now(), ids: parts.ids, attempt: session.attempt, resetTTL: false },
    ),
  );
}

function unexplained(signal: string | null) {
  return {
    name: 'RUNTIME_FAILED',
    message: signal ? `ended by ${signal}` : 'it ended without saying why',
    retryable: true,
  };
}
