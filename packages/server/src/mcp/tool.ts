import type { CallToolResult, McpServer, ToolAnnotations } from '@modelcontextprotocol/server';
import type { z } from 'zod';
import type { Caller } from '../calls/caller.ts';
import type { Operation } from '../contract/operation.ts';
import { knowsTasks, taskHandle } from './mcp-tasks.ts';
import { successOf } from './tool-result.ts';

/** One tool for agents: a thin adapter over operations of the contract, which decide and refuse. */
export interface Tool<Input extends z.ZodObject = z.ZodObject> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: Input;
  readonly output: z.ZodType;
  readonly annotations: ToolAnnotations;
  run(input: z.output<Input>, caller: Caller): Promise<unknown>;
  /** The task of the queue that goes on when the answer is there; null where none does. */
  taskOf?(answer: unknown): string | null;
}

/** Makes a {@link Tool}; exists so that the type of its input is kept while it is written. */
export function tool<Input extends z.ZodObject>(made: Tool<Input>): Tool {
  return made as unknown as Tool;
}

/** Looks and changes nothing. */
export const READS: ToolAnnotations = { readOnlyHint: true, openWorldHint: false };
/** Adds something with each call. */
export const ADDS: ToolAnnotations = { readOnlyHint: false, destructiveHint: false, openWorldHint: false };
/** Comes to the same however often it is called. */
export const REPEATABLE: ToolAnnotations = { ...ADDS, idempotentHint: true };

/** What the API says of the operation. */
export function textOf({ summary, description }: Operation): string {
  return description === undefined ? `${summary}.` : `${summary}. ${description}`;
}

export function addTool(server: McpServer, tool: Tool, caller: Caller): void {
  const { name, title, description, annotations, input, output } = tool;
  const config = { title, description, annotations, inputSchema: input, outputSchema: output };
  server.registerTool(name, config, (given, context) =>
    resultOf(async () => {
      const answer = await tool.run(given, caller);
      const taskId = knowsTasks(context) ? (tool.taskOf?.(answer) ?? null) : null;
      return { ...successOf(answer), ...(taskId === null ? {} : await taskHandle(taskId, caller)) };
    }, caller),
  );
}

/** What the work came to, or what it was refused with, as a result that the agent can read. */
async function resultOf(work: () => Promise<CallToolResult>, caller: Caller): Promise<CallToolResult> {
  try {
    return await work();
  } catch (error) {
    const problem = caller.problemOf(error);
    return {
      isError: true,
      content: [{ type: 'text', text: `${problem.code}: ${problem.detail}` }],
      _meta: { 'signalbox/problem': problem },
    };
  }
}
