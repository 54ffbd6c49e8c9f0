import {
  createPolicySchema,
  dryRunResultSchema,
  dryRunSchema,
  explainCallSchema,
  policyDecisionSchema,
  policyDocumentSchema,
  policySchema,
  policyVersionSchema,
  updatePolicySchema,
} from '@signalbox/core';
import { z } from 'zod';
import { pageOf, pageQuerySchema } from './lists.ts';
import { operation } from './operation.ts';

const tag = 'policies';
const params = z.strictObject({ policy: z.string().min(1).max(63).describe('Name or id of the policy.') });

export const policyPageSchema = pageOf(policySchema);
export const policyVersionPageSchema = pageOf(policyVersionSchema);

const document = {
  name: 'house',
  rules: [
    {
      id: 'no-force',
      name: 'Nobody pushes by force',
      match: { commands: [{ programs: ['git'], allArguments: ['push'], anyArgument: ['-f', '--force*'] }] },
      effect: 'deny',
    },
    {
      id: 'outside',
      name: 'Files outside of src need an approval',
      match: { paths: { outside: ['src/**'] } },
      effect: 'require_approval',
      approval: { timeoutSeconds: 3600 },
    },
  ],
  default: 'allow',
};

export const listPolicies = operation({
  id: 'listPolicies',
  method: 'GET',
  path: '/policies',
  tag,
  summary: 'List policies',
  role: 'viewer',
  query: pageQuerySchema,
  answer: { status: 200, about: 'A page of policies, in the order in which they are asked.', schema: policyPageSchema },
});

export const createPolicy = operation({
  id: 'createPolicy',
  method: 'POST',
  path: '/policies',
  tag,
  summary: 'Make a policy',
  description:
    'Its rules are put to each simple command and each written file of a tool call: the first rule that matches decides, and the strictest of all decisions counts. With a session it holds for that one and those below it.',
  role: 'operator',
  body: createPolicySchema,
  bodyCheckedByRoom: true,
  answer: { status: 201, about: 'The policy.', schema: policySchema },
  example: { document },
});

export const validatePolicy = operation({
  id: 'validatePolicy',
  method: 'POST',
  path: '/policies/validate',
  tag,
  summary: 'Check a policy document without keeping it',
  role: 'viewer',
  body: policyDocumentSchema,
  bodyCheckedByRoom: true,
  answer: { status: 200, about: 'The document, with what was left out filled in.', schema: policyDocumentSchema },
  example: document,
});

export const dryRunPolicies = operation({
  id: 'dryRunPolicies',
  method: 'POST',
  path: '/policies/dry-run',
  tag,
  summary: 'Tell what policies would have decided of recorded tool calls',
  description:
    'Decides by the given document alone, or by the policies of the project. Paths lead where they lead today.',
  role: 'operator',
  body: dryRunSchema,
  bodyCheckedByRoom: true,
  answer: { status: 200, about: 'Totals, and each call that was not simply allowed.', schema: dryRunResultSchema },
  example: { document, limit: 100 },
});

export const explainPolicies = operation({
  id: 'explainPolicies',
  method: 'POST',
  path: '/policies/explain',
  tag,
  summary: 'Tell what would be decided of a made-up tool call, and why',
  role: 'operator',
  body: explainCallSchema,
  bodyCheckedByRoom: true,
  answer: { status: 200, about: 'The decision, with a line for each rule looked at.', schema: policyDecisionSchema },
  example: { tool: 'bash', arguments: { command: 'git push --force' }, document },
});

export const getPolicy = operation({
  id: 'getPolicy',
  method: 'GET',
  path: '/policies/{policy}',
  tag,
  summary: 'One policy',
  role: 'viewer',
  params,
  answer: { status: 200, about: 'The policy.', schema: policySchema },
});

export const listPolicyVersions = operation({
  id: 'listPolicyVersions',
  method: 'GET',
  path: '/policies/{policy}/versions',
  tag,
  summary: 'All versions of a policy',
  description: 'Also of one that was removed, by its id.',
  role: 'viewer',
  params,
  query: pageQuerySchema,
  answer: { status: 200, about: 'A page of versions, the newest first.', schema: policyVersionPageSchema },
});

export const updatePolicy = operation({
  id: 'updatePolicy',
  method: 'PATCH',
  path: '/policies/{policy}',
  tag,
  summary: 'Change, enable, disable or move a policy',
  role: 'operator',
  params,
  body: updatePolicySchema,
  bodyCheckedByRoom: true,
  ifMatch: 'required',
  answer: { status: 200, about: 'The policy as it is now.', schema: policySchema },
  example: { enabled: false },
});

export const deletePolicy = operation({
  id: 'deletePolicy',
  method: 'DELETE',
  path: '/policies/{policy}',
  tag,
  summary: 'Remove a policy',
  description: 'Its versions stay.',
  role: 'operator',
  params,
  ifMatch: 'required',
  answer: { status: 204, about: 'It is removed.' },
});
