import type { Indexing, Knowledge } from './knowledge/index.ts';
import type { CodePort } from './topology/index.ts';

/** Most changes that are weighed: of more the first, since many are risky whatever comes after. */
const MOST_WEIGHED = 1_000;

/** Tells the service map what uses the code that changes. */
export function codePort(rooms: {
  knowledge: Pick<Knowledge, 'symbolsIn' | 'usersOf' | 'impact'>;
  indexing: Pick<Indexing, 'filesRead'>;
}): CodePort {
  const { knowledge, indexing } = rooms;
  return {
    read: (projectId, workspaceIds, paths) => indexing.filesRead(projectId, workspaceIds, paths),
    symbols: (projectId, paths) => knowledge.symbolsIn(projectId, paths),
    users: (projectId, ids, far) => knowledge.usersOf(projectId, ids, far),
    risk: async (projectId, changes, maxDepth) => {
      if (changes.length === 0) return 'low';
      const weighed = changes.slice(0, MOST_WEIGHED).map(({ symbol, changeType, signatureChange }) => ({
        entityId: symbol.id,
        changeType,
        signatureChange,
      }));
      return (await knowledge.impact(projectId, { changes: weighed, includeIndirect: true, maxDepth })).riskLevel;
    },
  };
}
