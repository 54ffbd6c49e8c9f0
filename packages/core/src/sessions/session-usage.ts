import { parseInput, SignalboxError } from '../platform/errors/index.ts';
import { type Budget, chargeBudgets } from '../policies/index.ts';
import type { RuntimeEvent } from './runtime.ts';
import { type AddUsage, addUsageSchema } from './session-metrics.ts';
import { addUsage } from './session-metrics-store.ts';
import type { SessionScope } from './session-parts.ts';

export function usageVerbs(scope: SessionScope) {
  return {
    /**
     * Adds what a run used to its session's metrics, and books it on the budgets that it counts against; never raises the
     * version. Answers a budget that is used up. @param agent who runs it. @throws SESSION_NOT_FOUND
     */
    async addUsage(
      projectId: string,
      id: string,
      usage: AddUsage,
      agent: string | null = null,
    ): Promise<Budget | null> {
      const parsed = parseInput(addUsageSchema, usage);
      const { inputTokens, outputTokens, reasoningTokens, cacheReadTokens, cacheWriteTokens } = parsed;
      const counted = [inputTokens, outputTokens, reasoningTokens, cacheReadTokens, cacheWriteTokens];
      const charge = {
        tokens: counted.reduce<number>((sum, tokens) => sum + (tokens ?? 0), 0),
        costMicroUsd: parsed.costMicroUsd ?? 0,
        toolCalls: parsed.toolCalls,
      };
      return scope.write(async (tx) => {
        if (await addUsage(tx, projectId, id, parsed)) return chargeBudgets(tx, projectId, id, agent, charge);
        throw new SignalboxError('SESSION_NOT_FOUND', { id });
      });
    },
  };
}

/** One answer of a model, as it is added to the metrics. */
export function usageOf(usage: Extract<RuntimeEvent, { type: 'usage' }>): AddUsage {
  const { inputTokens, outputTokens, reasoningTokens, cacheReadTokens, cacheWriteTokens, costUsd } = usage;
  const cost = costUsd === null ? {} : { costMicroUsd: Math.round(costUsd * 1e6) };
  return { apiCalls: 1, inputTokens, outputTokens, reasoningTokens, cacheReadTokens, cacheWriteTokens, ...cost };
}
