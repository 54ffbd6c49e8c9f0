import type { PathClaim } from '@signalbox/client';

/** Claims as they are shown: what is held, and what waits in the order in which it is served. */
export interface SortedClaims {
  held: PathClaim[];
  waiting: PathClaim[];
}

/** More urgent sessions first, then arrival. A victim has given its wait up and is served no more. */
export function sortedClaims(claims: readonly PathClaim[]): SortedClaims {
  return {
    held: claims.filter(({ status }) => status === 'held'),
    waiting: claims
      .filter(({ status }) => status !== 'held')
      .sort((a, b) => rank(a) - rank(b) || a.priority - b.priority || a.arrival - b.arrival),
  };
}

function rank({ status }: PathClaim): number {
  return status === 'victim' ? 1 : 0;
}

/** Claims by workspace, in the order in which the workspaces first appear. */
export function byWorkspace(claims: readonly PathClaim[]): Map<string, PathClaim[]> {
  const groups = new Map<string, PathClaim[]>();
  for (const claim of claims) {
    const known = groups.get(claim.workspaceId);
    if (known === undefined) groups.set(claim.workspaceId, [claim]);
    else known.push(claim);
  }
  return groups;
}
