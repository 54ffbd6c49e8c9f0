import { isDeepStrictEqual } from 'node:util';
import { heldSessions } from '../approvals/index.ts';
import { type AuditEntry, recordAudits } from '../audit/index.ts';
import { appendAllInTransaction, setFence } from '../journal/index.ts';
import { releasePathClaims } from '../locks/index.ts';
import type { Transaction } from '../platform/database/index.ts';
import { SignalboxError } from '../platform/errors/index.ts';
import { recordFeeds } from '../platform/feed/index.ts';
import { SESSION_QUEUE, SESSION_RUN } from '../tasks/index.ts';
import { forgetHolds } from './session-hold-store.ts';
import { archiveAttempts, recordStatuses } from './session-metrics-store.ts';
import type { SessionScope } from './session-parts.ts';
import { isActive } from './session-status.ts';
import { type LockedSession, type SessionPatch, writeSessions } from './session-store.ts';
import { endsRun, hasRuntime, type StatusChange } from './status-change.ts';

/** A decided change of one held session. */
export interface SessionWrite {
  before: LockedSession;
  patch: SessionPatch;
  /** Set when the status changes; `patch.status` is taken from it. */
  status?: StatusChange;
  /** What the audit calls it: the verb of `session.<verb>`. */
  verb: string;
}

/** What the change feed says of one session. */
export interface SessionNews {
  sessionId: string;
  change: 'created' | 'updated' | 'status' | 'completed' | 'failed' | 'deleted' | 'restored';
  status: string;
  version: number;
  [more: string]: unknown;
}

/** Tells the feed what happened to sessions in this transaction, in order, an event each (ORC-211…217). */
export async function tellFeed(tx: Transaction, projectId: string, news: readonly SessionNews[]): Promise<void> {
  await recordFeeds(tx, projectId, 'session', news);
}

/**
 * Carries out decided changes, all in one unit: the rows (each version + 1), times and outcome in the metrics, runs
 * that begin or end, journal, feed and audit. Writes that change nothing are left out, and raise no version (ORC-106).
 */
export async function carryOut(
  scope: SessionScope,
  tx: Transaction,
  projectId: string,
  actor: string,
  writes: readonly SessionWrite[],
): Promise<void> {
  const real = writes.map(withStatus).filter((write) => Object.keys(changesOf(write)).length > 0);
  if (real.length === 0) return;
  await checkStarts(tx, projectId, real);
  await journalStatuses(scope, tx, projectId, actor, real);
  await journalMetadata(scope, tx, projectId, actor, real);
  await writeSessions(tx, projectId, actor, real);
  const durations = await recordOutcomes(tx, projectId, real);
  await moveRuns(scope, tx, projectId, actor, real);
  const waitsNoMore = real.filter(
    ({ before, status }) =>
      // A run that ended with its server is still waited for; what changes anything else of the session is no answer to it.
      status !== undefined &&
      (before.status === 'orphaned' || (before.status === 'paused' && status.to !== 'orphaned')),
  );
  if (waitsNoMore.length > 0)
    await forgetHolds(
      tx,
      projectId,
      waitsNoMore.map(({ before }) => before.id),
    );
  await releasePathClaims(
    tx,
    projectId,
    real.filter(letsGo).map(({ before }) => before.id),
  );
  await tellFeed(
    tx,
    projectId,
    real.flatMap((write) => newsOf(write, durations.get(write.before.id) ?? null)),
  );
  await recordAudits(
    tx,
    projectId,
    real.map((write) => auditOf(write, actor)),
    scope.ids,
  );
}

/** What people are still asked about does not start. @throws SESSION_HELD */
async function checkStarts(tx: Transaction, projectId: string, writes: readonly SessionWrite[]): Promise<void> {
  const starts = writes.filter(({ before, status }) => before.status === 'pending' && status && isActive(status.to));
  if (starts.length === 0) return;
  const ids = starts.map(({ before }) => before.id);
  const [held] = await heldSessions(tx, projectId, ids);
  if (held) throw new SignalboxError('SESSION_HELD', { id: held.sessionId, approval: held.id });
}

/** The patch with what the change of status itself writes to the session's row. */
function withStatus(write: SessionWrite): SessionWrite {
  const { before, status, patch } = write;
  if (!status) return write;
  const retried = status.retry ? { attempt: before.attempt + 1, retryable: null } : {};
  const retryable = status.retryable === undefined ? {} : { retryable: status.retryable };
  return { ...write, patch: { ...patch, ...retried, ...retryable, status: status.to } };
}

type Changes = Record<string, { before: unknown; after: unknown }>;

/** The fields that a write really changes. */
function changesOf({ before, patch }: SessionWrite): Changes {
  const old: Record<string, unknown> = {
    ...before,
    parentId: before.storedParentId,
    deleted: before.deletedAt !== null,
  };
  const changes: Changes = {};
  for (const [field, after] of Object.entries(patch)) {
    if (!isDeepStrictEqual(old[field], after)) changes[field] = { before: old[field], after };
  }
  return changes;
}

/** Before the rows are written: a journal takes no more entries once its session is over its lifetime or deleted. */
async function journalStatuses(
  scope: SessionScope,
  tx: Transaction,
  projectId: string,
  actor: string,
  writes: readonly SessionWrite[],
): Promise<void> {
  const at = scope.clock.now();
  const entries = writes.flatMap(({ before, status, patch }) => {
    if (!status || status.to === 'expired') return [];
    const attempt = patch.attempt ?? before.attempt;
    const begins = status.to === 'running' && (before.status === 'pending' || before.status === 'queued');
    const error = status.error && { type: status.error.type, message: status.error.message };
    const payload = { from: before.status, to: status.to, attempt, ...(error && { error }), ...status.detail };
    const event = { type: begins ? ('start' as const) : ('status' as const), actor, payload };
    return [{ sessionId: before.id, events: [event], options: { attempt } }];
  });
  await appendAllInTransaction(tx, projectId, entries, { at, ids: scope.ids });
}

/** So that the journal tells the metadata at each of its events. One that is closed by expiry says no more. */
async function journalMetadata(
  scope: SessionScope,
  tx: Transaction,
  projectId: string,
  actor: string,
  writes: readonly SessionWrite[],
): Promise<void> {
  const entries = writes.flatMap(({ before, patch, status }) => {
    const { metadata } = patch;
    if (!metadata || before.status === 'expired' || status?.to === 'expired') return [];
    const set = Object.entries(metadata).filter(([key, value]) => !isDeepStrictEqual(before.metadata[key], value));
    const unset = Object.keys(before.metadata).filter((key) => !(key in metadata));
    if (set.length === 0 && unset.length === 0) return [];
    const payload = { phase: 'metadata', metadata: { set: Object.fromEntries(set), unset } };
    const events = [{ type: 'status' as const, actor, payload }];
    return [{ sessionId: before.id, events, options: { attempt: patch.attempt ?? before.attempt, resetTTL: false } }];
  });
  await appendAllInTransaction(tx, projectId, entries, { at: scope.clock.now(), ids: scope.ids });
}

async function recordOutcomes(
  tx: Transaction,
  projectId: string,
  writes: readonly SessionWrite[],
): Promise<Map<string, number | null>> {
  const retries = writes.filter((write) => write.status?.retry);
  if (retries.length > 0) {
    const ended = retries.map(({ before: { id, attempt, status } }) => ({ id, attempt, status }));
    await archiveAttempts(tx, projectId, ended);
  }
  const records = writes.flatMap(({ before, status }) => {
    if (!status || status.retry) return [];
    const { to, result = null, error = null, successRate = null, confidenceScore = null } = status;
    return [{ sessionId: before.id, to, ends: !isActive(to), result, error, successRate, confidenceScore }];
  });
  return records.length > 0 ? recordStatuses(tx, projectId, records) : new Map();
}

/** Queued sessions get a run; what ends or goes back loses its run, and with it every claim's right to write. */
async function moveRuns(
  scope: SessionScope,
  tx: Transaction,
  projectId: string,
  actor: string,
  writes: readonly SessionWrite[],
): Promise<void> {
  for (const { before, status } of writes) {
    if (!status || !hasRuntime(before)) continue;
    if (endsRun(before.status, status.to)) {
      await scope.tasks.within(tx).cancelForSession(projectId, before.id);
      await setFence(tx, projectId, before.id, null);
    }
    if (status.to !== 'queued') continue;
    await scope.tasks.within(tx).enqueue(projectId, {
      type: SESSION_RUN,
      queue: SESSION_QUEUE,
      // At most one live run of a session; whether it runs again is the session's own decision (retry, onOrphan).
      unique: { key: `${SESSION_RUN}:${before.id}`, mode: 'refuse' },
      maxAttempts: 1,
      sessionId: before.id,
      priority: before.priority,
      payload: { attempt: before.attempt, ...status.run?.payload },
      delaySeconds: status.run?.delaySeconds ?? 0,
      createdBy: actor,
    });
  }
}

/** Whether what the session has claimed ends with this write: its run or its life does. */
function letsGo({ before, patch, status }: SessionWrite): boolean {
  const ends = status !== undefined && (!isActive(status.to) || endsRun(before.status, status.to));
  return ends || patch.deleted === true;
}

function newsOf(write: SessionWrite, executionDurationSeconds: number | null): SessionNews[] {
  const { before, patch, status } = write;
  const base = { sessionId: before.id, status: patch.status ?? before.status, version: before.version + 1 };
  const news: SessionNews[] = [];
  if (status) news.push({ ...base, change: 'status', oldStatus: before.status });
  if (status?.to === 'completed' || status?.to === 'partially_completed') {
    const { successRate = null, confidenceScore = null } = status;
    news.push({ ...base, change: 'completed', successRate, confidenceScore, executionDurationSeconds });
  }
  if (status?.to === 'failed') {
    const { error, retryable = null } = status;
    news.push({
      ...base,
      change: 'failed',
      errorType: error?.type ?? null,
      errorMessage: error ? shortened(error.message) : null,
      retryable,
    });
  }
  if (patch.deleted === true && before.deletedAt === null) news.push({ ...base, change: 'deleted', hard: false });
  if (patch.deleted === false && before.deletedAt !== null) news.push({ ...base, change: 'restored' });
  if (news.length === 0) news.push({ ...base, change: 'updated' });
  return news;
}

function auditOf(write: SessionWrite, actor: string): AuditEntry {
  const { before, verb, status } = write;
  const changes = Object.entries(changesOf(write)).map(([field, change]) => [
    field,
    { before: shortened(change.before), after: shortened(change.after) },
  ]);
  return {
    actor,
    action: `session.${verb}`,
    subjectType: 'session',
    subjectId: before.id,
    versionBefore: before.version,
    versionAfter: before.version + 1,
    changes: Object.fromEntries(changes),
    ...(status?.error && { details: { error: { type: status.error.type, message: shortened(status.error.message) } } }),
  };
}

const LONGEST_IN_AUDIT = 500;

/** Audit and feed hold what changed, not whole documents. */
function shortened<T>(value: T): T | string | null {
  const text = typeof value === 'string' ? value : JSON.stringify(value ?? null);
  return text.length <= LONGEST_IN_AUDIT ? (value ?? null) : `${text.slice(0, LONGEST_IN_AUDIT)}…`;
}
