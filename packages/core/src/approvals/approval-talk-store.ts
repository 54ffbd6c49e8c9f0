import { type CamelRow, camelRow, type Executor, statement, type Transaction } from '../platform/database/index.ts';
import { type ApprovalComment, type ApprovalVote, approvalCommentSchema, approvalVoteSchema } from './approval.ts';

const VOTES = statement(
  'approvals.votes',
  `SELECT v.actor, v.verdict, v.reason, v.at FROM approval_votes v
   WHERE v.project_id = $1 AND v.approval_id = $2 ORDER BY v.at, v.actor`,
);

export async function votesOn(db: Executor, projectId: string, id: string): Promise<ApprovalVote[]> {
  return (await db.query<CamelRow>(VOTES, [projectId, id])).map((row) => approvalVoteSchema.parse(camelRow(row)));
}

const COMMENTS = statement(
  'approvals.comments',
  `SELECT c.id, c.approval_id, c.actor, c.text, c.at FROM approval_comments c
   WHERE c.project_id = $1 AND c.approval_id = $2 ORDER BY c.id`,
);

export async function commentsOn(db: Executor, projectId: string, id: string): Promise<ApprovalComment[]> {
  return (await db.query<CamelRow>(COMMENTS, [projectId, id])).map((row) => approvalCommentSchema.parse(camelRow(row)));
}

const COMMENT = statement(
  'approvals.comment',
  'INSERT INTO approval_comments (project_id, id, approval_id, actor, text, at) VALUES ($1, $2, $3, $4, $5, $6)',
);

export async function insertComment(
  tx: Transaction,
  projectId: string,
  { id, approvalId, actor, text, at }: Omit<ApprovalComment, 'at'> & { at: Date },
): Promise<void> {
  await tx.query(COMMENT, [projectId, id, approvalId, actor, text, at]);
}
