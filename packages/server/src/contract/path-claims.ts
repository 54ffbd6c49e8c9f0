import {
  createPathClaimSchema,
  forceReleaseSchema,
  PATH_CLAIM_FIELDS,
  pathClaimSchema,
  releasePathClaimSchema,
  renewPathClaimSchema,
  uuidSchema,
} from '@signalbox/core';
import { z } from 'zod';
import { cursorPageOf, listQuerySchema } from './lists.ts';
import { operation } from './operation.ts';

const tag = 'path claims';
const params = z.strictObject({ id: uuidSchema });

export const pathClaimPageSchema = cursorPageOf(pathClaimSchema);

export const listPathClaims = operation({
  id: 'listPathClaims',
  method: 'GET',
  path: '/path-claims',
  tag,
  summary: 'Claims to paths that are held or waited for',
  role: 'viewer',
  query: listQuerySchema,
  filters: Object.keys(PATH_CLAIM_FIELDS.fields),
  answer: { status: 200, about: 'A page of claims, oldest first.', schema: pathClaimPageSchema },
});

export const createPathClaim = operation({
  id: 'createPathClaim',
  method: 'POST',
  path: '/path-claims',
  tag,
  summary: 'Claim files, directories or globs for a session',
  description:
    'Answers once the claim is held. Where another session is in the way it waits, for `waitSeconds` at most, or is refused at once (409 with the `holders`).',
  role: 'agent',
  body: createPathClaimSchema,
  bodyCheckedByRoom: true,
  answer: { status: 201, about: 'The claim, held.', schema: pathClaimSchema },
  example: { sessionId: '0190a5f2-7c3e-7000-8000-000000000001', paths: ['src/billing/**', 'README.md'] },
});

export const getPathClaim = operation({
  id: 'getPathClaim',
  method: 'GET',
  path: '/path-claims/{id}',
  tag,
  summary: 'One claim to paths',
  role: 'viewer',
  params,
  answer: { status: 200, about: 'The claim.', schema: pathClaimSchema },
});

export const renewPathClaim = operation({
  id: 'renewPathClaim',
  method: 'POST',
  path: '/path-claims/{id}/renew',
  tag,
  summary: 'Make a claim last',
  role: 'agent',
  params,
  body: renewPathClaimSchema,
  bodyCheckedByRoom: true,
  answer: { status: 200, about: 'The claim with its new end.', schema: pathClaimSchema },
});

export const releasePathClaim = operation({
  id: 'releasePathClaim',
  method: 'POST',
  path: '/path-claims/{id}/release',
  tag,
  summary: 'Let go of a claim, or stop waiting for it',
  role: 'agent',
  params,
  body: releasePathClaimSchema,
  bodyCheckedByRoom: true,
  answer: { status: 200, about: 'The claim as it was.', schema: pathClaimSchema },
});

export const forceReleasePathClaim = operation({
  id: 'forceReleasePathClaim',
  method: 'POST',
  path: '/path-claims/{id}/force-release',
  tag,
  summary: 'Take a claim away over its holder’s head',
  description: 'The reason goes into the audit and into the journal of the holder’s session.',
  role: 'operator',
  params,
  body: forceReleaseSchema,
  bodyCheckedByRoom: true,
  answer: { status: 200, about: 'The claim as it was.', schema: pathClaimSchema },
  example: { reason: 'Its agent hangs; the release cannot wait.' },
});
