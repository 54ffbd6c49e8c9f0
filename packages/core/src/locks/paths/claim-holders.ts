import type { Executor } from '../../platform/database/index.ts';
import type { PathClaim } from './path-claim.ts';
import { sessionTitles } from './path-claim-store.ts';

/** Who stands in the way, as people and agents are told. */
export interface ClaimHolder {
  claimId: string;
  sessionId: string;
  sessionTitle: string;
  agent: string;
  paths: string[];
  mode: PathClaim['mode'];
  status: 'held' | 'waiting';
  /** True for what is claimed for the duration of one tool call: it ends by itself, and soon. */
  passing: boolean;
  /** Since when it is held or waited for; ISO 8601. */
  since: string;
  expiresAt: string | null;
}

export async function holdersOf(
  db: Executor,
  projectId: string,
  blockers: readonly PathClaim[],
): Promise<ClaimHolder[]> {
  const titles = await sessionTitles(db, projectId, [...new Set(blockers.map(({ sessionId }) => sessionId))]);
  return blockers.map((claim) => ({
    claimId: claim.id,
    sessionId: claim.sessionId,
    sessionTitle: titles.get(claim.sessionId) ?? claim.sessionId,
    agent: claim.agent,
    paths: claim.paths.map(({ path }) => path),
    mode: claim.mode,
    status: claim.status === 'held' ? 'held' : 'waiting',
    passing: claim.origin === 'call',
    since: claim.grantedAt ?? claim.requestedAt,
    expiresAt: claim.expiresAt,
  }));
}

/** One sentence for each holder: who, what, since when, until when. */
export function describeHolders(holders: readonly ClaimHolder[]): string {
  return holders
    .map(({ sessionTitle, sessionId, agent, paths, mode, status, since, expiresAt }) => {
      const state = status === 'held' ? `has ${mode === 'shared' ? 'shared ' : ''}claim to` : 'waits before you for';
      const until = expiresAt === null ? 'until it ends' : `until ${expiresAt}`;
      return `session "${sessionTitle}" (${sessionId}, ${agent}) ${state} ${paths.join(', ')} since ${since}, ${until}`;
    })
    .join('; ');
}
