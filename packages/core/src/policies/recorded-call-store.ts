import { type CamelRow, camelRow, type Executor, statement } from '../platform/database/index.ts';

/** A tool call as the journal holds it, with what is known of its session. */
export interface RecordedCall {
  sessionId: string;
  seq: number;
  occurredAt: string;
  payload: unknown;
  runtime: string | null;
  agentRole: string | null;
  taskType: string | null;
  tags: string[];
  path: string | null;
  tokens: number;
  costUsd: number;
  seconds: number;
  toolCalls: number;
}

// What a session had spent is added up from its own events up to each call.
const CALLS = statement(
  'policies.recorded_calls',
  `WITH calls AS (
     SELECT e.session_id, e.seq, e.occurred_at, e.payload FROM journal_events e
     WHERE e.project_id = $1 AND e.type = 'tool_call' AND e.occurred_at >= $2 AND ($3::uuid IS NULL OR e.session_id = $3)
     ORDER BY e.occurred_at DESC, e.session_id, e.seq DESC LIMIT $4),
   spent AS (
     SELECT e.session_id, e.seq,
       sum(CASE WHEN e.type = 'usage' THEN coalesce((e.payload->>'inputTokens')::double precision, 0)
         + coalesce((e.payload->>'outputTokens')::double precision, 0) + coalesce((e.payload->>'reasoningTokens')::double precision, 0)
         + coalesce((e.payload->>'cacheReadTokens')::double precision, 0)
         + coalesce((e.payload->>'cacheWriteTokens')::double precision, 0) ELSE 0 END) OVER w AS tokens,
       sum(CASE WHEN e.type = 'usage' THEN coalesce((e.payload->>'costUsd')::double precision, 0) ELSE 0 END) OVER w AS cost_usd,
       count(*) FILTER (WHERE e.type = 'tool_call') OVER w - 1 AS tool_calls,
       greatest(0, extract(epoch FROM e.occurred_at - min(e.occurred_at) OVER w)) AS seconds
     FROM journal_events e WHERE e.session_id IN (SELECT session_id FROM calls) AND e.type IN ('start', 'usage', 'tool_call')
     WINDOW w AS (PARTITION BY e.session_id ORDER BY e.seq))
   SELECT c.session_id, c.seq::integer AS seq, c.occurred_at, c.payload, s.runtime, s.agent_role, t.type AS task_type,
     s.tags, w.path, p.tokens, p.cost_usd, p.tool_calls::integer AS tool_calls, p.seconds::double precision AS seconds
   FROM calls c JOIN spent p ON p.session_id = c.session_id AND p.seq = c.seq
   JOIN sessions s ON s.project_id = $1 AND s.id = c.session_id
   LEFT JOIN tasks t ON t.project_id = $1 AND t.id = s.task_id
   LEFT JOIN workspaces w ON w.project_id = $1 AND w.id = coalesce(s.tree_workspace_id, s.workspace_id)
   ORDER BY c.occurred_at DESC, c.session_id, c.seq DESC`,
);

/** The newest tool calls of a project, or of one of its sessions. */
export async function recordedCalls(
  db: Executor,
  projectId: string,
  { since, sessionId, limit }: { since: Date; sessionId: string | null; limit: number },
): Promise<RecordedCall[]> {
  const rows = await db.query<CamelRow>(CALLS, [projectId, since, sessionId, limit]);
  return rows.map((row) => camelRow(row) as unknown as RecordedCall);
}

const WORKSPACE = statement('policies.workspace', 'SELECT path FROM workspaces WHERE project_id = $1 AND id = $2');

export async function workspacePath(db: Executor, projectId: string, id: string): Promise<string | null> {
  const [row] = await db.query<{ path: string }>(WORKSPACE, [projectId, id]);
  return row?.path ?? null;
}
