import { z } from 'zod';
import { decide } from './decide.ts';
import type { CallFacts, DecidingPolicy } from './decision.ts';
import { examineCall } from './examine-call.ts';
import type { RecordedCall } from './recorded-call-store.ts';
import type { DryRunResult } from './trial.ts';

/** What a `tool_call` event says. Large arguments stand apart from their event. */
const payloadSchema = z.object({ tool: z.string(), arguments: z.record(z.string(), z.unknown()) });
/** Where a session had no workspace, or it is gone, its relative paths lead nowhere. */
export const NO_WORKSPACE = '/nonexistent/workspace';

/** Puts policies to calls of the past. Paths lead where they lead today. */
export async function dryRun(
  projectId: string,
  recorded: readonly RecordedCall[],
  inForce: (sessionId: string) => Promise<readonly DecidingPolicy[]>,
): Promise<DryRunResult> {
  const result: DryRunResult = {
    calls: recorded.length,
    allow: 0,
    deny: 0,
    requireApproval: 0,
    warned: 0,
    unreadable: 0,
    affected: [],
  };
  for (const call of recorded) {
    const payload = payloadSchema.safeParse(call.payload);
    if (!payload.success) {
      result.unreadable += 1;
      continue;
    }
    const policies = await inForce(call.sessionId);
    const facts = factsOf(projectId, call, payload.data);
    const { effect, rule, warnings, commands } = decide(policies, await examineCall(facts, policies));
    result[effect === 'require_approval' ? 'requireApproval' : effect] += 1;
    if (warnings.length > 0) result.warned += 1;
    if (effect === 'allow' && warnings.length === 0) continue;
    const { sessionId, seq } = call;
    result.affected.push({ sessionId, seq, at: call.occurredAt, tool: facts.tool, commands, effect, rule, warnings });
  }
  return result;
}

function factsOf(projectId: string, call: RecordedCall, payload: z.infer<typeof payloadSchema>): CallFacts {
  const { sessionId, runtime, agentRole, taskType, tags, path, occurredAt, tokens, costUsd, seconds, toolCalls } = call;
  return {
    projectId,
    sessionId,
    runtime,
    agent: null,
    agentRole,
    taskType,
    labels: tags,
    workspacePath: path ?? NO_WORKSPACE,
    ...payload,
    at: new Date(occurredAt),
    spent: { tokens, costUsd, seconds, toolCalls },
  };
}
