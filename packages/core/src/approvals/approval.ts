import { z } from 'zod';
import { uuidSchema } from '../platform/ids/ids.ts';
import { ROLES, type Role, roleAllows, roleSchema } from '../projects/index.ts';

export const APPROVAL_SUBJECTS = ['tool_call', 'session', 'task'] as const;
export type ApprovalSubject = (typeof APPROVAL_SUBJECTS)[number];

/** `pending` is left once and for all (CTL-031). */
export const APPROVAL_STATUSES = ['pending', 'approved', 'rejected', 'expired', 'withdrawn'] as const;
export type ApprovalStatus = (typeof APPROVAL_STATUSES)[number];

/** The rule of a policy that asked. */
export const askingRuleSchema = z.strictObject({
  policyId: z.string(),
  version: z.int(),
  ruleId: z.string(),
  name: z.string(),
});
export type AskingRule = z.infer<typeof askingRuleSchema>;

/** Who may answer, how many must, and until when. What does not get its answer in time is denied. */
export const approvalTermsSchema = z.strictObject({
  /** Whoever has one of these roles, or one above it, may answer. */
  roles: z.array(roleSchema).min(1).default(['approver']),
  /** Distinct people who must approve; one who rejects is enough. */
  quorum: z.int().min(1).max(20).default(1),
  timeoutSeconds: z
    .int()
    .min(1)
    .max(30 * 86_400)
    .default(86_400),
  onTimeout: z.literal('deny').default('deny'),
  remindAfterSeconds: z.int().min(1).nullable().default(null),
  escalateAfterSeconds: z.int().min(1).nullable().default(null),
  /** Roles that may answer as well once it is escalated. */
  escalateTo: z.array(roleSchema).default([]),
  /** Why it is asked, for those who answer. */
  reason: z.string().max(2000).nullable().default(null),
});
export type ApprovalTerms = z.output<typeof approvalTermsSchema>;

const jsonObject = z.record(z.string(), z.json());

/** A question to a person that holds a session, a task or one tool call until it is answered (design.md §2). */
export const approvalSchema = z.object({
  id: z.string(),
  projectId: z.string(),
  subject: z.enum(APPROVAL_SUBJECTS),
  sessionId: z.string().nullable(),
  taskId: z.string().nullable(),
  tool: z.string().nullable(),
  callId: z.string().nullable(),
  workingDirectory: z.string().nullable(),
  /** HMAC-SHA-256, in hexadecimal digits, over what exactly is asked for: other arguments have another one. */
  digest: z.string(),
  /** One line that says what is asked for, without secrets. */
  summary: z.string(),
  /** Arguments, without secrets. */
  arguments: jsonObject,
  /** What takes the place of the arguments, as the approver wrote it, and its digest; null where nothing was changed. */
  editedArguments: jsonObject.nullable(),
  editedDigest: z.string().nullable(),
  policy: askingRuleSchema.nullable(),
  /** Why it is asked. */
  why: z.string().nullable(),
  status: z.enum(APPROVAL_STATUSES),
  quorum: z.int(),
  /** How many have approved so far. */
  approvals: z.int(),
  roles: z.array(roleSchema),
  requestedBy: z.string(),
  requestedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  remindedAt: z.iso.datetime().nullable(),
  escalatedAt: z.iso.datetime().nullable(),
  /** Who decided it, when and why; `system` where its time ran out. */
  decidedBy: z.string().nullable(),
  decidedAt: z.iso.datetime().nullable(),
  reason: z.string().nullable(),
  /** When what it approves was done: an approval is good for once. */
  usedAt: z.iso.datetime().nullable(),
  version: z.int(),
});
export type Approval = z.infer<typeof approvalSchema>;

/** What somebody said about an approval without deciding it. */
export const approvalCommentSchema = z.object({
  id: z.string(),
  approvalId: z.string(),
  actor: z.string(),
  text: z.string(),
  at: z.iso.datetime(),
});
export type ApprovalComment = z.infer<typeof approvalCommentSchema>;

/** One person's answer; with a quorum several of them make the decision. */
export const approvalVoteSchema = z.object({
  actor: z.string(),
  verdict: z.enum(['approve', 'reject']),
  reason: z.string().nullable(),
  at: z.iso.datetime(),
});
export type ApprovalVote = z.infer<typeof approvalVoteSchema>;

/** An approval with all that was said about it. */
export const approvalRecordSchema = approvalSchema.extend({
  votes: z.array(approvalVoteSchema),
  comments: z.array(approvalCommentSchema),
});
export type ApprovalRecord = z.infer<typeof approvalRecordSchema>;

export const requestApprovalSchema = z
  .strictObject({
    subject: z.enum(APPROVAL_SUBJECTS).default('tool_call'),
    sessionId: uuidSchema.nullable().default(null),
    taskId: uuidSchema.nullable().default(null),
    tool: z.string().min(1).max(200).nullable().default(null),
    callId: z.string().min(1).max(200).nullable().default(null),
    workingDirectory: z.string().max(4096).nullable().default(null),
    arguments: jsonObject.default({}),
    /** By default made from tool and arguments. */
    summary: z.string().min(1).max(2000).optional(),
    policy: askingRuleSchema.nullable().default(null),
    terms: approvalTermsSchema.prefault({}),
  })
  .refine(
    ({ subject, sessionId, tool }) => subject !== 'tool_call' || (sessionId !== null && tool !== null),
    'a tool call needs sessionId and tool',
  )
  .refine(({ subject, sessionId }) => subject !== 'session' || sessionId !== null, 'a session needs sessionId')
  .refine(({ subject, taskId }) => subject !== 'task' || taskId !== null, 'a task needs taskId');
export type RequestApproval = z.input<typeof requestApprovalSchema>;

/** Who answers: `name` is null where nobody knows (open mode), and then he is neither requester nor creator. */
export interface Approver {
  actor: string;
  name: string | null;
  role: Role;
}

/** Why somebody may not answer; null where he may. */
export type Objection = 'decided' | 'role' | 'self' | 'again';

/** What must be known of an approval to take an answer to it. */
export interface Question {
  status: ApprovalStatus;
  roles: readonly Role[];
  /** Who may not answer: the requester, and the creator of the session. */
  barred: readonly string[];
  quorum: number;
  /** Who has approved already. */
  approvedBy: readonly string[];
}

/** Whether somebody may answer. */
export function objectionTo(question: Question, { actor, name, role }: Approver): Objection | null {
  if (question.status !== 'pending') return 'decided';
  if (!question.roles.some((needed) => roleAllows(role, needed))) return 'role';
  if (name !== null && question.barred.includes(name)) return 'self';
  if (question.approvedBy.includes(actor)) return 'again';
  return null;
}

/** What an answer that may be given makes of it: one rejection decides, approvals count up to the quorum. */
export function answered(
  question: Question,
  verdict: 'approve' | 'reject',
): Extract<ApprovalStatus, 'pending' | 'approved' | 'rejected'> {
  if (verdict === 'reject') return 'rejected';
  return question.approvedBy.length + 1 >= question.quorum ? 'approved' : 'pending';
}

/** The roles that may answer once it is escalated, the least first. */
export function widened(roles: readonly Role[], more: readonly Role[]): Role[] {
  return ROLES.filter((role) => roles.includes(role) || more.includes(role));
}
