import type { Transaction } from '../platform/database/index.ts';
import { SignalboxError } from '../platform/errors/index.ts';
import { signalFeed } from '../platform/feed/index.ts';
import { countedWork } from './activity.ts';
import { enqueueTasks, isCreated } from './enqueue-store.ts';
import { type EnqueueReceipt, type EnqueueTask, type TaskRow, toTaskRow } from './enqueue-task.ts';
import { edgesAbove, linkTasks, lockGraph, lockTasks, type NewDependency } from './graph-store.ts';
import { receiptOf } from './receipts.ts';
import type { TaskStatus } from './task.ts';
import { findCycle } from './task-graph.ts';
import type { TaskParts } from './task-parts.ts';

/** Most tasks of one call. */
export const MOST_AT_ONCE = 5_000;

/**
 * Enqueues tasks with all that is between them, in the caller's transaction; the first problem is thrown. The new tasks
 * may depend on tasks that are there and on each other. What a key led to keeps the prerequisites it has.
 * @throws VALIDATION_FAILED, IDEMPOTENCY_CONFLICT, QUEUE_DRAINING, TASK_DUPLICATE, TASK_PREREQUISITE_UNKNOWN, TASK_DEPENDENCY_CYCLE
 */
export async function enqueueGraph(
  parts: TaskParts,
  tx: Transaction,
  projectId: string,
  inputs: readonly EnqueueTask[],
  parentId: string | null = null,
): Promise<EnqueueReceipt[]> {
  if (inputs.length > MOST_AT_ONCE) {
    throw new SignalboxError('VALIDATION_FAILED', { reason: `at most ${MOST_AT_ONCE} tasks at once` });
  }
  const rows = inputs.map((input) => toTaskRow(projectId, input, parts.ids, { ...parts, parentId }));
  assertSound(rows);
  const verdicts = await enqueueTasks(tx, rows);
  const receipts = rows.map((row, index) => receiptOf(row, verdicts[index]));
  const created = rows.filter((_, index) => isCreated(verdicts[index]));
  const statuses = await linkNew(tx, projectId, created, refsOf(rows, receipts));
  tx.afterCommit(() => {
    parts.wakeups.ready(projectId, [...new Set(rows.map((row) => row.queue))]);
    parts.wakeups.measured(countedWork(projectId, 'enqueued', created));
  });
  tx.afterCommit(signalFeed);
  return receipts.map((receipt) => ({ ...receipt, status: statuses.get(receipt.taskId) ?? receipt.status }));
}

/**
 * Adds prerequisites to tasks that are waiting or queued, unless that would close a cycle. Others of the project who add
 * edges wait meanwhile.
 * @throws TASK_PREREQUISITE_UNKNOWN, TASK_DEPENDENCY_CYCLE, TASK_INVALID_TRANSITION
 */
export async function addEdges(
  tx: Transaction,
  projectId: string,
  edges: readonly NewDependency[],
): Promise<ReadonlyMap<string, TaskStatus>> {
  await refuseCycles(tx, projectId, edges);
  return storeEdges(tx, projectId, edges);
}

/** Stores edges that cannot close a cycle; answers what the tasks are now. @throws TASK_PREREQUISITE_UNKNOWN, TASK_INVALID_TRANSITION */
export async function storeEdges(
  tx: Transaction,
  projectId: string,
  edges: readonly NewDependency[],
): Promise<ReadonlyMap<string, TaskStatus>> {
  if (edges.length === 0) return new Map();
  const verdict = await linkTasks(tx, projectId, edges);
  tx.afterCommit(signalFeed);
  if ('statuses' in verdict) return verdict.statuses;
  if ('unknown' in verdict) throw new SignalboxError('TASK_PREREQUISITE_UNKNOWN', { prerequisite: verdict.unknown });
  throw new SignalboxError('TASK_INVALID_TRANSITION', { id: verdict.busy, from: verdict.status, to: 'waiting' });
}

/** @throws TASK_DEPENDENCY_CYCLE if the edges close one with those that are stored */
export async function refuseCycles(
  tx: Transaction,
  projectId: string,
  edges: readonly Pick<NewDependency, 'taskId' | 'dependsOn'>[],
): Promise<void> {
  const prerequisites = [...new Set(edges.map(({ dependsOn }) => dependsOn))];
  await lockGraph(tx, projectId);
  const stored = await edgesAbove(tx, projectId, prerequisites);
  for (const { taskId, dependsOn } of edges) stored.set(taskId, [...(stored.get(taskId) ?? []), dependsOn]);
  assertNoCycle(stored);
  await lockTasks(tx, projectId, prerequisites);
}

/** What can be told from the call alone: every `ref` is known once, and nothing waits for itself. */
function assertSound(rows: readonly TaskRow[]): void {
  const refs = new Set<string>();
  for (const { ref } of rows) {
    if (ref !== undefined && refs.has(ref)) {
      throw new SignalboxError('VALIDATION_FAILED', { reason: `two tasks of the call have the ref "${ref}"` });
    }
    if (ref !== undefined) refs.add(ref);
  }
  const edges = new Map<string, string[]>();
  for (const [index, { ref, dependsOn = [] }] of rows.entries()) {
    const named = dependsOn.flatMap((one) => (one.ref === undefined ? [] : [one.ref]));
    const missing = named.find((name) => !refs.has(name));
    if (missing !== undefined) throw new SignalboxError('TASK_PREREQUISITE_UNKNOWN', { prerequisite: missing });
    edges.set(ref ?? `#${index}`, named);
  }
  assertNoCycle(edges);
}

function assertNoCycle(edges: ReadonlyMap<string, readonly string[]>): void {
  const cycle = findCycle(edges);
  if (cycle) throw new SignalboxError('TASK_DEPENDENCY_CYCLE', { cycle: cycle.join(' → ') });
}

function refsOf(rows: readonly TaskRow[], receipts: readonly EnqueueReceipt[]): ReadonlyMap<string, string> {
  return new Map(
    rows.flatMap(({ ref }, index) => (ref === undefined ? [] : [[ref, receipts[index]?.taskId ?? ''] as const])),
  );
}

/** The edges of tasks made just now, which nobody can depend on yet: no cycle can come of them. */
async function linkNew(
  tx: Transaction,
  projectId: string,
  created: readonly TaskRow[],
  refs: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, TaskStatus>> {
  const edges = created.flatMap(({ id, dependsOn = [] }) =>
    dependsOn.map(({ taskId, ref, onFailure }) => ({
      taskId: id,
      dependsOn: taskId ?? refs.get(ref ?? '') ?? '',
      onFailure,
      child: false,
    })),
  );
  return storeEdges(tx, projectId, edges);
}
