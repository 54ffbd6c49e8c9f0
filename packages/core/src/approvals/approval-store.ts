import { type CamelRow, camelRow, type Executor, statement, type Transaction } from '../platform/database/index.ts';
import type { Role } from '../projects/index.ts';
import { type Approval, type ApprovalStatus, approvalSchema, type Question } from './approval.ts';

export const APPROVAL_COLUMNS = `a.id, a.project_id, a.subject, a.session_id, a.task_id, a.tool, a.call_id, a.working_directory,
  a.digest, a.summary, a.arguments, a.edited_arguments, a.edited_digest, a.policy, a.why, a.status, a.quorum,
  (SELECT count(*)::integer FROM approval_votes v WHERE v.approval_id = a.id AND v.verdict = 'approve') AS approvals, a.roles,
  a.requested_by, a.requested_at, a.expires_at, a.reminded_at, a.escalated_at, a.decided_by, a.decided_at, a.reason, a.used_at,
  a.version`;

/** The one place where a row becomes an approval; unknown columns are left out. */
export function toApproval(row: CamelRow): Approval {
  return approvalSchema.parse(camelRow(row));
}

export interface NewApproval
  extends Pick<
    Approval,
    | 'id'
    | 'subject'
    | 'sessionId'
    | 'taskId'
    | 'tool'
    | 'callId'
    | 'workingDirectory'
    | 'digest'
    | 'summary'
    | 'arguments'
    | 'policy'
    | 'why'
    | 'quorum'
    | 'roles'
    | 'requestedBy'
  > {
  barred: readonly string[];
  requestedAt: Date;
  expiresAt: Date;
  remindAt: Date | null;
  escalateAt: Date | null;
  escalateTo: readonly Role[];
}

interface Subject {
  session: boolean;
  task: boolean;
  creator: string | null;
  /** How the session stands. */
  status: string | null;
  /** What the task, or the session, is to do. */
  taskContent: Approval['arguments'] | null;
  sessionContent: Approval['arguments'] | null;
}

const SUBJECT_KNOWN = statement(
  'approvals.subject_known',
  `SELECT ($2::uuid IS NULL OR EXISTS (SELECT FROM sessions s WHERE s.project_id = $1 AND s.id = $2 AND s.deleted_at IS NULL)) AS session,
     ($3::uuid IS NULL OR EXISTS (SELECT FROM tasks t WHERE t.project_id = $1 AND t.id = $3)) AS task,
     (SELECT s.created_by FROM sessions s WHERE s.project_id = $1 AND s.id = $2) AS creator,
     (SELECT s.status FROM sessions s WHERE s.project_id = $1 AND s.id = $2) AS status,
     (SELECT jsonb_build_object('type', t.type, 'queue', t.queue, 'payload', t.payload) FROM tasks t
      WHERE t.project_id = $1 AND t.id = $3) AS "taskContent",
     (SELECT jsonb_build_object('title', s.title, 'prompt', s.initial_prompt, 'runtime', s.runtime, 'command', s.command,
        'workspaceId', s.workspace_id, 'isolation', s.isolation, 'model', s.model_config, 'agentConfig', s.agent_config)
      FROM sessions s WHERE s.project_id = $1 AND s.id = $2) AS "sessionContent"`,
);
const HOLD_SESSION = statement(
  'approvals.hold_session',
  'SELECT s.id FROM sessions s WHERE s.project_id = $1 AND s.id = $2 FOR UPDATE',
);

/**
 * Whether the project has the session and the task that are asked about, who created the session, and what both are to do.
 * @param hold the session, so that nobody starts it meanwhile.
 */
export async function findSubject(
  tx: Transaction,
  projectId: string,
  sessionId: string | null,
  taskId: string | null,
  hold: boolean,
): Promise<Subject> {
  if (hold) await tx.query(HOLD_SESSION, [projectId, sessionId]);
  const [row] = await tx.query<Subject>(SUBJECT_KNOWN, [projectId, sessionId, taskId]);
  return row ?? { session: false, task: false, creator: null, status: null, taskContent: null, sessionContent: null };
}

const HELD_SESSIONS = statement(
  'approvals.held_sessions',
  `SELECT a.id, a.session_id AS "sessionId" FROM approvals a
   WHERE a.project_id = $1 AND a.session_id = ANY($2::uuid[]) AND a.subject = 'session' AND a.status = 'pending' ORDER BY a.id`,
);

/** Of these sessions those whose start people are still asked about. The sessions are held by the caller. */
export async function heldSessions(
  tx: Transaction,
  projectId: string,
  sessionIds: readonly string[],
): Promise<{ id: string; sessionId: string }[]> {
  return tx.query<{ id: string; sessionId: string }>(HELD_SESSIONS, [projectId, sessionIds]);
}

const INSERT = statement(
  'approvals.insert',
  `INSERT INTO approvals AS a (project_id, id, subject, session_id, task_id, tool, call_id, working_directory, digest, summary,
     arguments, policy, why, quorum, roles, requested_by, barred, requested_at, expires_at, remind_at, escalate_at, escalate_to)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15::text[], $16, $17::text[], $18, $19, $20, $21, $22::text[])
   ON CONFLICT (project_id, digest) WHERE status = 'pending' DO NOTHING RETURNING ${APPROVAL_COLUMNS}`,
);

/** Null where the same is asked for already. */
export async function insertApproval(tx: Transaction, projectId: string, made: NewApproval): Promise<Approval | null> {
  const [row] = await tx.query<CamelRow>(INSERT, [
    projectId,
    made.id,
    made.subject,
    made.sessionId,
    made.taskId,
    made.tool,
    made.callId,
    made.workingDirectory,
    made.digest,
    made.summary,
    JSON.stringify(made.arguments),
    made.policy === null ? null : JSON.stringify(made.policy),
    made.why,
    made.quorum,
    made.roles,
    made.requestedBy,
    made.barred,
    made.requestedAt,
    made.expiresAt,
    made.remindAt,
    made.escalateAt,
    made.escalateTo,
  ]);
  return row ? toApproval(row) : null;
}

const GET = statement(
  'approvals.get',
  `SELECT ${APPROVAL_COLUMNS} FROM approvals a WHERE a.project_id = $1 AND a.id = $2`,
);

export async function getApproval(db: Executor, projectId: string, id: string): Promise<Approval | null> {
  const [row] = await db.query<CamelRow>(GET, [projectId, id]);
  return row ? toApproval(row) : null;
}

const PENDING = statement(
  'approvals.pending',
  `SELECT ${APPROVAL_COLUMNS} FROM approvals a WHERE a.project_id = $1 AND a.digest = $2 AND a.status = 'pending'`,
);

/** The open question with this digest. */
export async function findPending(db: Executor, projectId: string, digest: string): Promise<Approval | null> {
  const [row] = await db.query<CamelRow>(PENDING, [projectId, digest]);
  return row ? toApproval(row) : null;
}

const LOCK = statement(
  'approvals.lock',
  'SELECT a.id FROM approvals a WHERE a.project_id = $1 AND a.id = $2 FOR UPDATE',
);
const BARRED = statement(
  'approvals.question',
  `SELECT a.barred, a.escalate_to AS "escalateTo",
     array(SELECT v.actor FROM approval_votes v WHERE v.approval_id = a.id AND v.verdict = 'approve') AS "approvedBy"
   FROM approvals a WHERE a.project_id = $1 AND a.id = $2`,
);

/** Holds one approval, so that answers to it are taken one after the other. */
export async function lockApproval(
  tx: Transaction,
  projectId: string,
  id: string,
): Promise<{ approval: Approval; question: Question; escalateTo: Role[] } | null> {
  // Looked at only once it is held: votes are rows of their own, and those of whoever held it before must be seen.
  if ((await tx.query(LOCK, [projectId, id])).length === 0) return null;
  const approval = await getApproval(tx, projectId, id);
  const [more] = await tx.query<{ barred: string[]; approvedBy: string[]; escalateTo: Role[] }>(BARRED, [
    projectId,
    id,
  ]);
  if (!approval || !more) return null;
  const { status, roles, quorum } = approval;
  return {
    approval,
    question: { status, roles, quorum, barred: more.barred, approvedBy: more.approvedBy },
    escalateTo: more.escalateTo,
  };
}

const VOTE = statement(
  'approvals.vote',
  'INSERT INTO approval_votes (project_id, approval_id, actor, verdict, reason, at) VALUES ($1, $2, $3, $4, $5, $6)',
);

/** Notes one person's answer. The approval must be held. */
export async function insertVote(
  tx: Transaction,
  projectId: string,
  id: string,
  vote: { actor: string; verdict: 'approve' | 'reject'; reason: string | null; at: Date },
): Promise<void> {
  await tx.query(VOTE, [projectId, id, vote.actor, vote.verdict, vote.reason, vote.at]);
}

const DECIDE = statement(
  'approvals.decide',
  `UPDATE approvals a SET status = $3, decided_by = $4, decided_at = $5, reason = $6, edited_arguments = $7, edited_digest = $8,
     version = version + 1, updated_at = $5
   WHERE a.project_id = $1 AND a.id = $2 AND a.status = 'pending' RETURNING ${APPROVAL_COLUMNS}`,
);

export interface Decision {
  status: Exclude<ApprovalStatus, 'pending'>;
  by: string;
  at: Date;
  reason: string | null;
  edited?: { arguments: Approval['arguments']; digest: string } | null;
}

/** Ends a question. Null where it is not open any more. */
export async function decideApproval(
  tx: Transaction,
  projectId: string,
  id: string,
  { status, by, at, reason, edited = null }: Decision,
): Promise<Approval | null> {
  const [row] = await tx.query<CamelRow>(DECIDE, [
    projectId,
    id,
    status,
    by,
    at,
    reason,
    edited && JSON.stringify(edited.arguments),
    edited?.digest ?? null,
  ]);
  return row ? toApproval(row) : null;
}

const USE = statement(
  'approvals.use',
  `UPDATE approvals a SET used_at = $4, version = version + 1, updated_at = $4
   WHERE a.project_id = $1 AND a.used_at IS NULL AND a.id = (
     SELECT o.id FROM approvals o
     WHERE o.project_id = $1 AND o.session_id IS NOT DISTINCT FROM $2::uuid AND (o.digest = $3 OR o.edited_digest = $3)
       AND o.status = 'approved' AND o.used_at IS NULL
     ORDER BY o.decided_at, o.id LIMIT 1 FOR UPDATE SKIP LOCKED)
   RETURNING ${APPROVAL_COLUMNS}`,
);

/** Uses the oldest unused approval with this digest up; null where there is none. */
export async function useApproval(
  tx: Transaction,
  projectId: string,
  sessionId: string | null,
  digest: string,
  at: Date,
): Promise<Approval | null> {
  const [row] = await tx.query<CamelRow>(USE, [projectId, sessionId, digest, at]);
  return row ? toApproval(row) : null;
}

const ANSWERS_SINCE = statement(
  'approvals.answers_since',
  `SELECT ${APPROVAL_COLUMNS} FROM approvals a
   WHERE a.project_id = $1 AND a.session_id = $2 AND a.subject = 'tool_call' AND a.decided_at >= $3 AND a.used_at IS NULL
   ORDER BY a.decided_at, a.id`,
);

/** What was decided about calls of a session since then, and has let no call pass yet. */
export async function answersSince(
  db: Executor,
  projectId: string,
  sessionId: string,
  since: Date,
): Promise<Approval[]> {
  return (await db.query<CamelRow>(ANSWERS_SINCE, [projectId, sessionId, since])).map(toApproval);
}
