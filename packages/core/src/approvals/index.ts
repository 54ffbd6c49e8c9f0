export { answerToAgent } from './answer-to-agent.ts';
export {
  APPROVAL_STATUSES,
  APPROVAL_SUBJECTS,
  type Approval,
  type ApprovalComment,
  type ApprovalRecord,
  type ApprovalStatus,
  type ApprovalTerms,
  type Approver,
  type AskingRule,
  approvalCommentSchema,
  approvalRecordSchema,
  approvalSchema,
  approvalTermsSchema,
  askingRuleSchema,
  type RequestApproval,
  requestApprovalSchema,
} from './approval.ts';
export { APPROVAL_FIELDS } from './approval-list-store.ts';
export { answersSince, heldSessions } from './approval-store.ts';
export { type Answer, Approvals, type SettleApproval } from './approvals.ts';
export { approvalDigest, type ExactRequest } from './digest.ts';
export { editedArguments } from './edited-arguments.ts';
