import { type CamelRow, camelRow } from '../platform/database/index.ts';
import { type Session, sessionSchema } from './session.ts';

/** A row of {@link SESSION_COLUMNS}. */
export type SessionRow = Record<string, unknown>;

/**
 * A session as callers see it. What is counted by machines lives in the journal's narrow row, and members in rows of
 * their own; a soft-deleted parent is not shown (ORC-107).
 */
export const SESSION_COLUMNS = `s.id, s.project_id, s.title, s.description, s.session_type, s.priority, s.status,
  s.status_updated_at, s.attempt, s.max_retries, s.retryable, s.on_orphan, coalesce(h.code_state, 'working') AS code_state,
  coalesce(h.last_seq, 0)::double precision AS last_seq, h.last_event_at,
  ARRAY(SELECT a.agent FROM session_agents a WHERE a.session_id = s.id AND a.left_at IS NULL ORDER BY a.ordinal) AS agent_ids,
  p.id AS parent_id, s.agent_role, s.runtime, s.workspace_id, s.isolation, s.tree_workspace_id, s.command, s.agent_config, s.model_config, s.initial_prompt,
  s.max_duration_seconds, s.cpu_limit, s.memory_limit_mb, s.task_id, s.paths, s.path_policy, s.checkpoint_policy,
  s.runtime_session, s.tags, s.metadata, s.created_by,
  s.updated_by, s.version, s.ttl_seconds AS ttl, h.expires_at, s.created_at, s.updated_at, s.deleted_at`;

export const SESSION_FROM = `sessions s
  LEFT JOIN journal_heads h ON h.session_id = s.id
  LEFT JOIN sessions p ON p.id = s.parent_id AND p.deleted_at IS NULL`;

/** The one place where a row becomes a session; unknown columns are left out. */
export function toSession(row: SessionRow): Session {
  const { maxDurationSeconds, cpuLimit, memoryLimitMb, ...fields }: CamelRow = camelRow(row);
  return sessionSchema.parse({ ...fields, limits: { maxDurationSeconds, cpuLimit, memoryLimitMb } });
}
