import {
  CLIENT_CAPABILITIES_META_KEY,
  type McpServer,
  ProtocolError,
  ProtocolErrorCode,
  type ServerContext,
} from '@modelcontextprotocol/server';
import type { Task } from '@signalbox/core';
import { z } from 'zod';
import type { Caller } from '../calls/caller.ts';
import type { Operation } from '../contract/operation.ts';
import { cancelTask, getTask } from '../contract/tasks.ts';
import { successOf } from './tool-result.ts';

const TASKS_EXTENSION = 'io.modelcontextprotocol/tasks';
const POLL_INTERVAL_MS = 1_000;
const envelopeSchema = z.looseObject({
  [CLIENT_CAPABILITIES_META_KEY]: z.looseObject({
    extensions: z.looseObject({ [TASKS_EXTENSION]: z.looseObject({}) }),
  }),
});
const named = z.looseObject({ taskId: z.string() });

/**
 * Tasks of the queue as tasks of the protocol's extension, so that a client can follow one to its end. They live in the
 * database: whoever knows the id and may see the project can ask any node, also after a restart.
 */
export function addTasks({ server }: McpServer, caller: Caller): void {
  server.registerCapabilities({ extensions: { [TASKS_EXTENSION]: {} } });
  server.setRequestHandler('tasks/get', { params: named }, async ({ taskId }) => {
    const task = await run(caller, getTask, taskId);
    return { ...stateOf(task), ...outcomeOf(task) };
  });
  // None of ours ever asks for input: what a client answers unasked is taken note of and changes nothing.
  server.setRequestHandler('tasks/update', { params: named }, async ({ taskId }) => {
    await run(caller, getTask, taskId);
    return {};
  });
  server.setRequestHandler('tasks/cancel', { params: named }, async ({ taskId }) => {
    await run(caller, cancelTask, taskId);
    return {};
  });
}

/** Whether the client of a request says that it knows the extension: only then may it get a task for an answer. */
export function knowsTasks({ mcpReq }: ServerContext): boolean {
  return envelopeSchema.safeParse(mcpReq.envelope).success;
}

/** What makes of the result of a tool the handle of a task. */
export async function taskHandle(taskId: string, caller: Caller): Promise<Record<string, unknown>> {
  return { resultType: 'task', ...stateOf(await run(caller, getTask, taskId)) };
}

/** A task as the protocol shows it, without what it came to. */
function stateOf(task: Task) {
  return {
    taskId: task.id,
    status: protocolStatus(task.status),
    statusMessage: `${task.type} is ${task.status}`,
    createdAt: task.createdAt,
    lastUpdatedAt: task.updatedAt,
    ttlMs: null,
    pollIntervalMs: POLL_INTERVAL_MS,
  };
}

function protocolStatus(status: Task['status']): 'working' | 'completed' | 'failed' | 'cancelled' {
  switch (status) {
    case 'completed':
    case 'cancelled':
      return status;
    case 'failed':
    case 'dead':
    case 'skipped':
      return 'failed';
    default:
      return 'working';
  }
}

function outcomeOf(task: Task): Record<string, unknown> {
  switch (protocolStatus(task.status)) {
    case 'completed':
      return { result: { resultType: 'complete', ...successOf({ taskId: task.id, result: task.result }) } };
    case 'failed': {
      const message = `The task ${task.id} is ${task.status}; its attempts and errors are in \`data\`.`;
      const data = { status: task.status, failures: task.failures, error: task.error };
      return { error: { code: ProtocolErrorCode.InternalError, message, data } };
    }
    default:
      return {};
  }
}

async function run(caller: Caller, operation: Operation, id: string): Promise<Task> {
  try {
    return (await caller.run(operation, { params: { id } })) as Task;
  } catch (error) {
    const problem = caller.problemOf(error);
    const code = problem.status < 500 ? ProtocolErrorCode.InvalidParams : ProtocolErrorCode.InternalError;
    throw new ProtocolError(code, `${problem.code}: ${problem.detail}`, problem);
  }
}
