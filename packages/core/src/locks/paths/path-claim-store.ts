import { type CamelRow, camelRow, type Executor, statement, type Transaction } from '../../platform/database/index.ts';
import { type PathClaim, pathClaimSchema } from './path-claim.ts';
import type { PathPolicyInput } from './path-policy.ts';

export const PATH_CLAIM_COLUMNS = `c.id, c.project_id, c.workspace_id, c.session_id, c.task_id, c.agent, c.paths, c.mode, c.status,
  c.origin, c.call_id, c.priority, c.arrival::double precision AS arrival, c.fencing_token::double precision AS fencing_token,
  c.ttl_seconds, c.requested_at, c.granted_at, c.wait_until, c.expires_at, c.cycle`;

/** The one place where a row becomes a claim; unknown columns are left out. */
export function toPathClaim(row: CamelRow): PathClaim {
  return pathClaimSchema.parse(camelRow(row));
}

const HOLD_DOMAIN = statement(
  'paths.hold_domain',
  'SELECT workspace_id FROM path_claim_domains WHERE project_id = $1 AND workspace_id = $2 FOR UPDATE',
);

/** Holds the row under which a workspace's claims are decided, until the transaction ends. False for an unknown workspace. */
export async function holdDomain(tx: Transaction, projectId: string, workspaceId: string): Promise<boolean> {
  return (await tx.query(HOLD_DOMAIN, [projectId, workspaceId])).length > 0;
}

const HOLD_DOMAINS_OF = statement(
  'paths.hold_domains_of',
  `SELECT d.workspace_id FROM path_claim_domains d WHERE d.project_id = $1 AND d.workspace_id IN (
     SELECT coalesce(s.tree_workspace_id, s.workspace_id) FROM sessions s
     WHERE s.project_id = $1 AND s.id = ANY($2::uuid[]) AND s.workspace_id IS NOT NULL
     UNION SELECT c.workspace_id FROM path_claims c WHERE c.session_id = ANY($2::uuid[]))
   ORDER BY d.workspace_id FOR UPDATE`,
);

/** {@link holdDomain} for the workspaces of sessions, in key order. */
export async function holdDomainsOf(
  tx: Transaction,
  projectId: string,
  sessionIds: readonly string[],
): Promise<string[]> {
  const rows = await tx.query<{ workspace_id: string }>(HOLD_DOMAINS_OF, [projectId, sessionIds]);
  return rows.map((row) => row.workspace_id);
}

const CLAIMS_OF_WORKSPACE = statement(
  'paths.of_workspace',
  `SELECT ${PATH_CLAIM_COLUMNS} FROM path_claims c WHERE c.project_id = $1 AND c.workspace_id = $2 ORDER BY c.arrival`,
);

export async function claimsOfWorkspace(db: Executor, projectId: string, workspaceId: string): Promise<PathClaim[]> {
  return (await db.query<CamelRow>(CLAIMS_OF_WORKSPACE, [projectId, workspaceId])).map(toPathClaim);
}

const GET = statement(
  'paths.get',
  `SELECT ${PATH_CLAIM_COLUMNS} FROM path_claims c WHERE c.project_id = $1 AND c.id = $2`,
);

export async function getPathClaim(db: Executor, projectId: string, id: string): Promise<PathClaim | null> {
  const [row] = await db.query<CamelRow>(GET, [projectId, id]);
  return row ? toPathClaim(row) : null;
}

const OF_CALL = statement(
  'paths.of_call',
  `SELECT ${PATH_CLAIM_COLUMNS} FROM path_claims c WHERE c.project_id = $1 AND c.session_id = $2 AND c.call_id = $3`,
);

/** What was claimed for the duration of one tool call; null where nothing was. */
export async function claimOfCall(
  db: Executor,
  projectId: string,
  sessionId: string,
  callId: string,
): Promise<PathClaim | null> {
  const [row] = await db.query<CamelRow>(OF_CALL, [projectId, sessionId, callId]);
  return row ? toPathClaim(row) : null;
}

/** What a session is to its claims. */
export interface ClaimingSession {
  /** In whose directory it works: that of its own work tree, where it has one. */
  workspaceId: string | null;
  title: string;
  status: string;
  priority: number;
  runtime: string | null;
  /** The token of the claim under which it runs; null where it runs under none. */
  runToken: number | null;
  /** How conflicts are met: its own word, and its project's settings. */
  pathPolicy: PathPolicyInput | null;
  projectSettings: Record<string, unknown>;
}

const SESSION = statement(
  'paths.session',
  `SELECT coalesce(s.tree_workspace_id, s.workspace_id) AS workspace_id, s.title, s.status, s.priority, s.runtime, h.fencing_token::double precision AS run_token,
     s.path_policy, p.settings AS project_settings
   FROM sessions s JOIN journal_heads h ON h.session_id = s.id JOIN projects p ON p.id = s.project_id
   WHERE s.project_id = $1 AND s.id = $2 AND s.deleted_at IS NULL`,
);

/** Null for an unknown or deleted session. Read under the domain's row: whoever ends the session takes that row too. */
export async function claimingSession(
  db: Executor,
  projectId: string,
  sessionId: string,
): Promise<ClaimingSession | null> {
  const [row] = await db.query<CamelRow>(SESSION, [projectId, sessionId]);
  return row ? (camelRow(row) as unknown as ClaimingSession) : null;
}

const TITLES = statement(
  'paths.titles',
  'SELECT id, title FROM sessions WHERE project_id = $1 AND id = ANY($2::uuid[])',
);

/** Titles of sessions by their ids, for messages. */
export async function sessionTitles(
  db: Executor,
  projectId: string,
  ids: readonly string[],
): Promise<Map<string, string>> {
  const rows = await db.query<{ id: string; title: string }>(TITLES, [projectId, ids]);
  return new Map(rows.map((row) => [row.id, row.title]));
}

/** A claim as it comes into the queue. */
export type NewPathClaim = Pick<
  PathClaim,
  | 'id'
  | 'workspaceId'
  | 'sessionId'
  | 'taskId'
  | 'agent'
  | 'paths'
  | 'mode'
  | 'origin'
  | 'callId'
  | 'priority'
  | 'ttlSeconds'
> & { waitSeconds: number };

const INSERT = statement(
  'paths.insert',
  `INSERT INTO path_claims AS c (id, project_id, workspace_id, session_id, task_id, agent, paths, mode, status, origin, call_id,
     priority, ttl_seconds, wait_until)
   VALUES ($2, $1, $3, $4, $5, $6, $7, $8, 'waiting', $9, $10, $11, $12, clock_timestamp() + make_interval(secs => $13))
   RETURNING ${PATH_CLAIM_COLUMNS}`,
);

/** Puts a claim at the end of the queue. The domain must be held. */
export async function insertWaiting(tx: Transaction, projectId: string, claim: NewPathClaim): Promise<PathClaim> {
  const { id, workspaceId, sessionId, taskId, agent, paths, mode, origin, callId, priority, ttlSeconds } = claim;
  const values = [projectId, id, workspaceId, sessionId, taskId, agent, JSON.stringify(paths), mode, origin, callId];
  const [row] = await tx.query<CamelRow>(INSERT, [...values, priority, ttlSeconds, claim.waitSeconds]);
  return toPathClaim(row as CamelRow);
}

const GRANT = statement(
  'paths.grant',
  `UPDATE path_claims c SET status = 'held', fencing_token = nextval('fencing_tokens'), granted_at = clock_timestamp(),
     expires_at = clock_timestamp() + make_interval(secs => c.ttl_seconds)
   WHERE c.project_id = $1 AND c.id = ANY($2::uuid[]) AND c.status = 'waiting' RETURNING ${PATH_CLAIM_COLUMNS}`,
);

/** Grants waiting claims, each with a token of its own. The domain must be held. */
export async function grantClaims(tx: Transaction, projectId: string, ids: readonly string[]): Promise<PathClaim[]> {
  return (await tx.query<CamelRow>(GRANT, [projectId, ids])).map(toPathClaim);
}

const GIVE_UP = statement(
  'paths.give_up',
  `UPDATE path_claims SET status = 'victim', cycle = $3 WHERE project_id = $1 AND id = $2 AND status = 'waiting'`,
);

/** Marks a waiting claim as the one that ends a deadlock. */
export async function markVictim(
  tx: Transaction,
  projectId: string,
  id: string,
  cycle: readonly string[],
): Promise<void> {
  await tx.query(GIVE_UP, [projectId, id, JSON.stringify(cycle)]);
}

const RENEW = statement(
  'paths.renew',
  `UPDATE path_claims c SET ttl_seconds = coalesce($4, c.ttl_seconds),
     expires_at = clock_timestamp() + make_interval(secs => coalesce($4, c.ttl_seconds))
   WHERE c.project_id = $1 AND c.id = $2 AND c.fencing_token = $3 AND c.status = 'held'
     AND (c.expires_at IS NULL OR c.expires_at > clock_timestamp()) RETURNING ${PATH_CLAIM_COLUMNS}`,
);

/** Null where the claim is not held under this token any more. A claim bound to a run stays so unless it is given a time. */
export async function renewClaim(
  tx: Transaction,
  projectId: string,
  id: string,
  fencingToken: number,
  ttlSeconds: number | null,
): Promise<PathClaim | null> {
  const [row] = await tx.query<CamelRow>(RENEW, [projectId, id, fencingToken, ttlSeconds]);
  return row ? toPathClaim(row) : null;
}

const DELETE = statement('paths.delete', 'DELETE FROM path_claims WHERE project_id = $1 AND id = ANY($2::uuid[])');

export async function deleteClaims(tx: Transaction, projectId: string, ids: readonly string[]): Promise<void> {
  await tx.query(DELETE, [projectId, ids]);
}

/** Seconds for which a waiter that is gone keeps its place once its wait is over. */
const LATE_WAITER_SECONDS = 30;

const DELETE_OVER = statement(
  'paths.delete_over',
  `DELETE FROM path_claims WHERE project_id = $1 AND workspace_id = $2 AND (expires_at <= clock_timestamp()
     OR (status <> 'held' AND wait_until <= clock_timestamp() - make_interval(secs => ${LATE_WAITER_SECONDS})))
   RETURNING id`,
);

/** Removes what has run out, and places in the queue that nobody waits on any more. Answers whether there was any. */
export async function deleteOver(tx: Transaction, projectId: string, workspaceId: string): Promise<boolean> {
  return (await tx.query(DELETE_OVER, [projectId, workspaceId])).length > 0;
}

const DELETE_OF_SESSIONS = statement(
  'paths.delete_of_sessions',
  `WITH claims AS (DELETE FROM path_claims WHERE project_id = $1 AND session_id = ANY($2::uuid[]) RETURNING workspace_id),
     touches AS (DELETE FROM path_touches WHERE project_id = $1 AND session_id = ANY($2::uuid[])),
     windows AS (DELETE FROM path_windows WHERE project_id = $1 AND session_id = ANY($2::uuid[]))
   SELECT DISTINCT workspace_id FROM claims`,
);

/** Removes all that live sessions have here. Answers the workspaces in which that set something free. */
export async function deleteOfSessions(
  tx: Transaction,
  projectId: string,
  sessionIds: readonly string[],
): Promise<string[]> {
  const rows = await tx.query<{ workspace_id: string }>(DELETE_OF_SESSIONS, [projectId, sessionIds]);
  return rows.map((row) => row.workspace_id);
}

const HAND_OVER = statement(
  'paths.hand_over',
  `WITH calls AS (
     DELETE FROM path_claims WHERE project_id = $1 AND session_id = $2 AND origin = 'call'),
     windows AS (DELETE FROM path_windows WHERE project_id = $1 AND session_id = $2)
   UPDATE path_claims SET agent = $3, fencing_token = CASE WHEN status = 'held' THEN nextval('fencing_tokens') END
   WHERE project_id = $1 AND session_id = $2 AND origin <> 'call' RETURNING id`,
);

/**
 * Makes a session's claims another agent's, under new tokens; what the old one's calls under way had claimed goes. Answers
 * how many went over. The domain must be held.
 */
export async function handOverClaims(
  tx: Transaction,
  projectId: string,
  sessionId: string,
  agent: string,
): Promise<number> {
  return (await tx.query(HAND_OVER, [projectId, sessionId, agent])).length;
}

const OVERDUE = statement(
  'paths.overdue',
  `SELECT DISTINCT project_id AS "projectId", workspace_id AS "workspaceId" FROM path_claims
   WHERE expires_at <= clock_timestamp()
     OR (status <> 'held' AND wait_until <= clock_timestamp() - make_interval(secs => ${LATE_WAITER_SECONDS}))`,
);

/** Workspaces of all projects in which something has run out. */
export async function overdueWorkspaces(db: Executor): Promise<{ projectId: string; workspaceId: string }[]> {
  return db.query<{ projectId: string; workspaceId: string }>(OVERDUE);
}
