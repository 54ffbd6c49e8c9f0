import { z } from 'zod';
import type { Transaction } from '../platform/database/index.ts';
import { parseInput, SignalboxError } from '../platform/errors/index.ts';
import { enqueueGraph, refuseCycles, storeEdges } from './enqueue-graph.ts';
import type { EnqueueReceipt, EnqueueTask } from './enqueue-task.ts';
import { forgetEarlierWait, setResumeAs } from './graph-store.ts';
import type { ClaimRef, Task } from './task.ts';
import { type DecomposeOptions, decomposeOptionsSchema, dependsOnSchema } from './task-graph.ts';
import type { TaskParts } from './task-parts.ts';

/**
 * Makes the children of a task whose claim has just been ended for that, and lets it wait for them. They take queue,
 * session and trace from it unless they say otherwise, and may depend on each other and on tasks that are there already,
 * except those that wait for the parent.
 * @throws what an enqueue throws; TASK_DEPENDENCY_CYCLE
 */
export async function makeChildren(
  parts: TaskParts,
  tx: Transaction,
  parent: Task,
  children: readonly EnqueueTask[],
  options: DecomposeOptions,
): Promise<EnqueueReceipt[]> {
  const { onFailure, afterwards } = parseInput(decomposeOptionsSchema, options);
  const { id, projectId, queue, sessionId, traceId, traceparent } = parent;
  const inherited = children.map((child) => ({ queue, sessionId, traceId, traceparent, ...child }));
  await forgetEarlierWait(tx, projectId, id);
  await setResumeAs(tx, projectId, id, afterwards === 'complete' ? 'completed' : 'queued');
  const receipts = await enqueueGraph(parts, tx, projectId, inherited, id);
  const edgeTo = ({ taskId }: EnqueueReceipt) => ({ taskId: id, dependsOn: taskId, onFailure, child: true });
  // A key may have led to any task: those that were there might wait for the parent.
  const known = receipts.filter(({ created }) => !created);
  if (known.length > 0) await refuseCycles(tx, projectId, known.map(edgeTo));
  await storeEdges(tx, projectId, receipts.map(edgeTo));
  return receipts;
}

/** Refuses children that would wait for their own parent, by whatever way, before any row is held. */
export async function refuseAncestors(
  tx: Transaction,
  claim: ClaimRef,
  children: readonly EnqueueTask[],
): Promise<void> {
  if (children.length === 0)
    throw new SignalboxError('VALIDATION_FAILED', { reason: 'there must be a child at least' });
  const outside = children.flatMap(({ dependsOn = [] }) =>
    parseInput(z.array(dependsOnSchema), dependsOn).flatMap(({ taskId }) => taskId ?? []),
  );
  if (outside.length === 0) return;
  // A child that waits for X makes its parent wait for X.
  await refuseCycles(
    tx,
    claim.projectId,
    outside.map((dependsOn) => ({ taskId: claim.taskId, dependsOn })),
  );
}
