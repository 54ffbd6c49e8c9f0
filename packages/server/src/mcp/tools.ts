import {
  acquireLockSchema,
  appendEventSchema,
  createCheckpointSchema,
  enqueueSchema,
  uuidSchema,
} from '@signalbox/core';
import { z } from 'zod';
import { requestApproval } from '../contract/approvals.ts';
import { acquireLock, lockAnswerSchema, lockReleasedSchema, releaseLock } from '../contract/locks.ts';
import { appendJournal, appendResultSchema, createCheckpoint } from '../contract/session-parts.ts';
import * as claims from '../contract/task-claims.ts';
import { enqueueTask, taskReceiptSchema } from '../contract/tasks.ts';
import { measureReach } from '../contract/topology.ts';
import { previewUndo } from '../contract/undos.ts';
import { fetchStatus } from './fetch-status.ts';
import { GRAPH_TOOLS } from './graph-tools.ts';
import { PROPOSAL_TOOLS } from './proposal-tools.ts';
import { SOURCE_TOOLS } from './source-tools.ts';
import { SPEC_TOOLS } from './spec-tools.ts';
import { ADDS, READS, REPEATABLE, type Tool, textOf, tool } from './tool.ts';

const claimed = { taskId: uuidSchema, token: z.int().min(1).describe('The token that the claim came with.') };

/** Everything that agents can do, in the order in which it is listed. */
export const TOOLS: readonly Tool[] = [
  fetchStatus,
  tool({
    name: 'enqueue_task',
    title: 'Put a task into a queue',
    description: textOf(enqueueTask),
    input: enqueueSchema.omit({ createdBy: true, ref: true }),
    output: taskReceiptSchema,
    annotations: ADDS,
    run: (body, caller) => caller.run(enqueueTask, { body }),
    taskOf: (answer) => taskReceiptSchema.parse(answer).taskId,
  }),
  tool({
    name: 'claim_task',
    title: 'Claim a task',
    description:
      'The most urgent ready task, yours alone until its lease runs out; send heartbeats to keep it. Waits up to `waitSeconds`; `claim` is null where none came.',
    input: claims.claimTasksSchema.omit({ limit: true }).extend({ agent: z.string().min(1).max(255).optional() }),
    output: z.object({ claim: claims.claimSchema.nullable() }),
    annotations: ADDS,
    run: async (input, caller) => {
      const body = { agent: caller.actor, ...input, limit: 1 };
      const { items } = claims.claimsSchema.parse(await caller.run(claims.claimTasks, { body }));
      return { claim: items[0] ?? null };
    },
  }),
  tool({
    name: 'heartbeat',
    title: 'Keep claims',
    description: textOf(claims.heartbeatTasks),
    input: claims.heartbeatSchema,
    output: claims.lostClaimsSchema,
    annotations: REPEATABLE,
    run: (body, caller) => caller.run(claims.heartbeatTasks, { body }),
  }),
  tool({
    name: 'report_progress',
    title: 'Say how far a task is',
    description: textOf(claims.progressTask),
    input: claims.taskProgressSchema.extend(claimed),
    output: claims.taskOutcomeSchema,
    annotations: REPEATABLE,
    run: ({ taskId, ...body }, caller) => caller.run(claims.progressTask, { params: { id: taskId }, body }),
  }),
  tool({
    name: 'complete_task',
    title: 'Complete a task',
    description: textOf(claims.completeTask),
    input: claims.completeTaskSchema.extend(claimed),
    output: claims.taskOutcomeSchema,
    annotations: ADDS,
    run: ({ taskId, ...body }, caller) => caller.run(claims.completeTask, { params: { id: taskId }, body }),
  }),
  tool({
    name: 'fail_task',
    title: 'Fail an attempt at a task',
    description: textOf(claims.failTask),
    input: claims.failTaskSchema.extend(claimed),
    output: claims.taskOutcomeSchema,
    annotations: ADDS,
    run: ({ taskId, ...body }, caller) => caller.run(claims.failTask, { params: { id: taskId }, body }),
  }),
  tool({
    name: 'lock',
    title: 'Acquire a lock',
    description: textOf(acquireLock),
    input: acquireLockSchema,
    output: lockAnswerSchema,
    annotations: ADDS,
    run: (body, caller) => caller.run(acquireLock, { body }),
  }),
  tool({
    name: 'unlock',
    title: 'Give a lock back',
    description: 'With the `lock.id` and `lock.token` that it was granted with.',
    input: z.strictObject({ lockId: uuidSchema, token: z.int().min(1) }),
    output: lockReleasedSchema,
    annotations: REPEATABLE,
    run: ({ lockId, ...body }, caller) => caller.run(releaseLock, { params: { id: lockId }, body }),
  }),
  tool({
    name: 'record_event',
    title: 'Append an event to the journal of a session',
    description: 'An `eventId` of yours makes it safe to repeat: the event is there once, and `duplicate` says so.',
    input: appendEventSchema.extend({ sessionId: uuidSchema, actor: appendEventSchema.shape.actor.optional() }),
    output: appendResultSchema.shape.items.element,
    annotations: ADDS,
    run: async ({ sessionId, ...event }, caller) => {
      const body = { events: [{ actor: caller.actor, ...event }] };
      const appended = appendResultSchema.parse(await caller.run(appendJournal, { params: { id: sessionId }, body }));
      return appended.items[0];
    },
  }),
  tool({
    name: 'checkpoint',
    title: 'Set a checkpoint of a session',
    description: 'Keeps `data`, and the files as they are, as a numbered point from which the session can be resumed.',
    input: createCheckpointSchema.extend({ sessionId: uuidSchema }),
    output: createCheckpoint.answer.schema,
    annotations: ADDS,
    run: ({ sessionId, ...body }, caller) => caller.run(createCheckpoint, { params: { id: sessionId }, body }),
  }),
  tool({
    name: 'request_approval',
    title: 'Ask people for an approval',
    description: textOf(requestApproval),
    input: requestApproval.body,
    output: requestApproval.answer.schema,
    annotations: REPEATABLE,
    run: (body, caller) => caller.run(requestApproval, { body }),
  }),
  tool({
    name: 'undo_preview',
    title: 'See what an undo would do',
    description: textOf(previewUndo),
    input: previewUndo.body,
    output: previewUndo.answer.schema,
    annotations: READS,
    run: (body, caller) => caller.run(previewUndo, { body }),
  }),
  tool({
    name: 'measure_reach',
    title: 'See what a change of files can break',
    description: textOf(measureReach),
    input: measureReach.body,
    output: measureReach.answer.schema,
    annotations: READS,
    run: (body, caller) => caller.run(measureReach, { body }),
  }),
  ...GRAPH_TOOLS,
  ...SPEC_TOOLS,
  ...PROPOSAL_TOOLS,
  ...SOURCE_TOOLS,
];
