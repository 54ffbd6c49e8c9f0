export { type ClaimHolder, describeHolders } from './claim-holders.ts';
export { type ClaimMode, type ClaimPath, claimPathInputSchema, claimPathSchema } from './claim-path.ts';
export { type Conflict, conflictSchema } from './conflict.ts';
export { CONFLICT_FIELDS } from './conflict-list-store.ts';
export { Conflicts, type Writer } from './conflicts.ts';
export {
  type CreatePathClaim,
  createPathClaimSchema,
  type ForceRelease,
  forceReleaseSchema,
  type PathClaim,
  pathClaimSchema,
  type ReleasePathClaim,
  type RenewPathClaim,
  releasePathClaimSchema,
  renewPathClaimSchema,
  type SessionPath,
  sessionPathInputSchema,
  sessionPathSchema,
} from './path-claim.ts';
export { PATH_CLAIM_FIELDS } from './path-claim-list-store.ts';
export { type Acquired, PathClaims } from './path-claims.ts';
export {
  DEFAULT_PATH_POLICY,
  PATH_SETTINGS_KEY,
  type PathConflict,
  type PathPolicy,
  pathConflictSchema,
  pathPolicySchema,
  policyFor,
} from './path-policy.ts';
export type { PathClaimRequest } from './request-claim.ts';
export { handOverPathClaims, releasePathClaims } from './settle-claims.ts';
export { realClaimPath, realName } from './workspace-names.ts';
