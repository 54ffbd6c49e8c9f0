import {
  APPROVAL_FIELDS,
  approvalCommentSchema,
  approvalRecordSchema,
  approvalSchema,
  approvalTermsSchema,
  createSessionSchema,
  enqueueSchema,
  requestApprovalSchema,
  uuidSchema,
} from '@signalbox/core';
import { z } from 'zod';
import { cursorPageOf, listQuerySchema } from './lists.ts';
import { operation } from './operation.ts';

const tag = 'approvals';
const params = z.strictObject({ id: uuidSchema });
const reason = z.string().max(10_000).nullable().default(null);

export const approvalPageSchema = cursorPageOf(approvalSchema);
export const approvalReasonSchema = z.strictObject({ reason });
export const editApprovalSchema = z.strictObject({ arguments: z.record(z.string(), z.json()), reason });
export const commentApprovalSchema = z.strictObject({ text: z.string().trim().min(1).max(10_000) });

export const requestTaskSchema = z.strictObject({ task: enqueueSchema, terms: approvalTermsSchema.optional() });

export const requestSessionSchema = z.strictObject({
  session: createSessionSchema,
  terms: approvalTermsSchema.optional(),
});

/** What one does with an approval, at the version one has seen where it is given. */
const verb = { method: 'POST', tag, params, ifMatch: 'optional' } as const;

export const listApprovals = operation({
  id: 'listApprovals',
  method: 'GET',
  path: '/approvals',
  tag,
  summary: 'Questions to people, open and answered',
  role: 'viewer',
  query: listQuerySchema,
  filters: Object.keys(APPROVAL_FIELDS.fields),
  answer: { status: 200, about: 'A page of approvals, the last requested first.', schema: approvalPageSchema },
});

export const requestApproval = operation({
  id: 'requestApproval',
  method: 'POST',
  path: '/approvals',
  tag,
  summary: 'Ask people for an approval',
  description:
    'Bound to a digest of exactly what is asked for. Asking the same again while it is open answers the open approval.',
  role: 'agent',
  body: requestApprovalSchema,
  bodyCheckedByRoom: true,
  answer: { status: 201, about: 'The approval, pending.', schema: approvalSchema },
  example: {
    sessionId: '0190a5f2-7c3e-7000-8000-000000000001',
    tool: 'bash',
    workingDirectory: '/home/me/project',
    arguments: { command: 'rm -rf build' },
  },
});

export const requestTask = operation({
  id: 'requestTask',
  method: 'POST',
  path: '/approvals/tasks',
  tag,
  summary: 'Enqueue a task that does not run before people have allowed it',
  description: 'It is `held` until then; rejected, or not answered in time, it is cancelled.',
  role: 'agent',
  body: requestTaskSchema,
  answer: { status: 201, about: 'The approval, pending, with the id of the task.', schema: approvalSchema },
  example: { task: { type: 'deploy', payload: { to: 'live' } } },
});

export const requestSession = operation({
  id: 'requestSession',
  method: 'POST',
  path: '/approvals/sessions',
  tag,
  summary: 'Make a session that does not start before people have allowed it',
  description: 'It is `pending` until then, and starts by itself; rejected, or not answered in time, it is cancelled.',
  role: 'agent',
  body: requestSessionSchema,
  answer: { status: 201, about: 'The approval, pending, with the id of the session.', schema: approvalSchema },
  example: { session: { title: 'Deploy', initialPrompt: 'Bring it live.' } },
});

export const getApproval = operation({
  id: 'getApproval',
  method: 'GET',
  path: '/approvals/{id}',
  tag,
  summary: 'One approval, with the answers and comments to it',
  role: 'viewer',
  params,
  answer: { status: 200, about: 'The approval.', schema: approvalRecordSchema },
});

export const approveApproval = operation({
  id: 'approveApproval',
  path: '/approvals/{id}/approve',
  summary: 'Approve what is asked for, once',
  description: 'With a quorum it stays pending until enough different people have approved.',
  role: 'approver',
  ...verb,
  body: approvalReasonSchema.nullish(),
  answer: { status: 200, about: 'The approval.', schema: approvalSchema },
});

export const rejectApproval = operation({
  id: 'rejectApproval',
  path: '/approvals/{id}/reject',
  summary: 'Reject what is asked for',
  description: 'The agent is told the reason.',
  role: 'approver',
  ...verb,
  body: approvalReasonSchema.nullish(),
  answer: { status: 200, about: 'The approval, rejected.', schema: approvalSchema },
});

export const editAndApproveApproval = operation({
  id: 'editAndApproveApproval',
  path: '/approvals/{id}/edit-and-approve',
  summary: 'Approve other arguments than were asked for',
  description: 'What is left as it is shown stays what it was, hidden secrets included.',
  role: 'approver',
  ...verb,
  body: editApprovalSchema,
  answer: {
    status: 200,
    about: 'The approval, with the arguments that take effect and their digest.',
    schema: approvalSchema,
  },
  example: { arguments: { command: 'rm -rf build/cache' } },
});

export const withdrawApproval = operation({
  id: 'withdrawApproval',
  path: '/approvals/{id}/withdraw',
  summary: 'Take a question back',
  description: 'Whoever asked may, and operators.',
  role: 'agent',
  ...verb,
  body: approvalReasonSchema.nullish(),
  answer: { status: 200, about: 'The approval, withdrawn.', schema: approvalSchema },
});

export const commentApproval = operation({
  id: 'commentApproval',
  method: 'POST',
  path: '/approvals/{id}/comments',
  tag,
  summary: 'Say something about an approval without deciding it',
  role: 'agent',
  params,
  body: commentApprovalSchema,
  answer: { status: 201, about: 'The comment.', schema: approvalCommentSchema },
  example: { text: 'Is that the old build directory?' },
});
