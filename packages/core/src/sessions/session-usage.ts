import { parseInput, SignalboxError } from '../platform/errors/index.ts';
import { type AddUsage, addUsageSchema } from './session-metrics.ts';
import { addUsage } from './session-metrics-store.ts';
import type { SessionScope } from './session-parts.ts';

export function usageVerbs(scope: SessionScope) {
  return {
    /** Adds what a run used to its session's metrics, in one statement; never raises the version. @throws SESSION_NOT_FOUND */
    async addUsage(projectId: string, id: string, usage: AddUsage): Promise<void> {
      const parsed = parseInput(addUsageSchema, usage);
      if (await addUsage(scope.read, projectId, id, parsed)) return;
      throw new SignalboxError('SESSION_NOT_FOUND', { id });
    },
  };
}
