-- Workspaces, sessions, their metrics, attempts and checkpoints (ORC-019…088, CTL-001…003).

-- Up Migration

CREATE TABLE workspaces (
  id uuid PRIMARY KEY,
  project_id uuid NOT NULL CONSTRAINT fk_workspaces_project REFERENCES projects ON DELETE CASCADE,
  name text NOT NULL CONSTRAINT chk_workspaces_name CHECK (length(btrim(name)) BETWEEN 1 AND 200),
  -- Absolute real path of the directory.
  path text NOT NULL CONSTRAINT chk_workspaces_path CHECK (path LIKE '/%'),
  metadata jsonb NOT NULL DEFAULT '{}' CONSTRAINT chk_workspaces_metadata CHECK (jsonb_typeof(metadata) = 'object'),
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  deleted_at timestamptz,
  CONSTRAINT uq_workspaces_project UNIQUE (project_id, id)
);
CREATE UNIQUE INDEX uq_workspaces_path ON workspaces (project_id, path) WHERE deleted_at IS NULL;
CREATE TRIGGER trg_workspaces_insert_version BEFORE INSERT ON workspaces FOR EACH ROW EXECUTE FUNCTION sb_insert_version();
CREATE TRIGGER trg_workspaces_version BEFORE UPDATE ON workspaces FOR EACH ROW EXECUTE FUNCTION sb_enforce_version();

-- The transition table of session status (design.md §2). The code holds the same table; a test compares them.
CREATE TABLE session_status_transitions (
  from_status text NOT NULL,
  to_status text NOT NULL,
  -- A retry: legal only together with attempt = old + 1.
  retry boolean NOT NULL,
  PRIMARY KEY (from_status, to_status)
);
INSERT INTO session_status_transitions (from_status, to_status, retry) VALUES
  ('pending', 'queued', false), ('pending', 'running', false), ('pending', 'cancelled', false), ('pending', 'expired', false),
  ('queued', 'pending', false), ('queued', 'running', false), ('queued', 'cancelled', false), ('queued', 'timeout', false),
  ('queued', 'expired', false),
  ('running', 'paused', false), ('running', 'degraded', false), ('running', 'completed', false),
  ('running', 'partially_completed', false), ('running', 'failed', false), ('running', 'timeout', false),
  ('running', 'stopped', false), ('running', 'cancelled', false), ('running', 'orphaned', false), ('running', 'expired', false),
  ('paused', 'running', false), ('paused', 'stopped', false), ('paused', 'cancelled', false), ('paused', 'timeout', false),
  ('paused', 'orphaned', false), ('paused', 'expired', false),
  ('degraded', 'running', false), ('degraded', 'paused', false), ('degraded', 'completed', false),
  ('degraded', 'partially_completed', false), ('degraded', 'failed', false), ('degraded', 'timeout', false),
  ('degraded', 'stopped', false), ('degraded', 'cancelled', false), ('degraded', 'orphaned', false), ('degraded', 'expired', false),
  ('failed', 'pending', true), ('timeout', 'pending', true), ('orphaned', 'pending', true), ('partially_completed', 'pending', true);

CREATE TABLE sessions (
  id uuid PRIMARY KEY,
  project_id uuid NOT NULL CONSTRAINT fk_sessions_project REFERENCES projects ON DELETE CASCADE,
  title text NOT NULL CONSTRAINT chk_sessions_title CHECK (title = btrim(title) AND length(title) BETWEEN 1 AND 200),
  description text,
  session_type text NOT NULL DEFAULT 'execution'
    CONSTRAINT chk_sessions_type CHECK (session_type IN ('planning', 'execution', 'review', 'debug', 'integration')),
  priority smallint NOT NULL DEFAULT 2 CONSTRAINT chk_sessions_priority CHECK (priority BETWEEN 0 AND 4),
  status text NOT NULL DEFAULT 'pending' CONSTRAINT chk_sessions_status CHECK (status IN (
    'pending', 'queued', 'running', 'paused', 'degraded', 'completed', 'partially_completed', 'failed', 'timeout',
    'stopped', 'cancelled', 'orphaned', 'expired')),
  status_updated_at timestamptz NOT NULL DEFAULT now(),
  attempt integer NOT NULL DEFAULT 1 CONSTRAINT chk_sessions_attempt CHECK (attempt >= 1),
  -- Automatic and asked-for retries together never raise attempt above max_retries + 1 (ORC-202).
  max_retries integer NOT NULL DEFAULT 3 CONSTRAINT chk_sessions_max_retries CHECK (max_retries BETWEEN 0 AND 100),
  -- Null until the session failed; then whether a retry may help (ORC-200).
  retryable boolean,
  -- What becomes of a session whose runner died: left orphaned, or retried by itself.
  on_orphan text NOT NULL DEFAULT 'orphan' CONSTRAINT chk_sessions_on_orphan CHECK (on_orphan IN ('orphan', 'resume')),
  parent_id uuid,
  agent_role text,
  runtime text CONSTRAINT chk_sessions_runtime CHECK (runtime IN ('command', 'opencode', 'claude-code')),
  workspace_id uuid,
  command jsonb CONSTRAINT chk_sessions_command CHECK (command IS NULL OR (jsonb_typeof(command) = 'array' AND jsonb_array_length(command) >= 1)),
  agent_config jsonb NOT NULL DEFAULT '{}' CONSTRAINT chk_sessions_agent_config CHECK (jsonb_typeof(agent_config) = 'object'),
  model_config text CONSTRAINT chk_sessions_model CHECK (length(model_config) <= 100),
  initial_prompt text NOT NULL CONSTRAINT chk_sessions_prompt CHECK (length(btrim(initial_prompt)) >= 1),
  max_duration_seconds integer NOT NULL DEFAULT 3600
    CONSTRAINT chk_sessions_duration CHECK (max_duration_seconds BETWEEN 60 AND 86400),
  cpu_limit double precision CONSTRAINT chk_sessions_cpu_limit CHECK (cpu_limit BETWEEN 0.1 AND 8.0),
  memory_limit_mb integer CONSTRAINT chk_sessions_memory_limit CHECK (memory_limit_mb > 0),
  -- The task this session works on, where its caller names one (CTL-010).
  task_id uuid,
  -- How the runtime names its own session, to go on from: {runtimeSessionId, messageId}.
  runtime_session jsonb,
  tags jsonb NOT NULL DEFAULT '[]' CONSTRAINT chk_sessions_tags CHECK (jsonb_typeof(tags) = 'array'),
  metadata jsonb NOT NULL DEFAULT '{}' CONSTRAINT chk_sessions_metadata CHECK (jsonb_typeof(metadata) = 'object'),
  created_by text CONSTRAINT chk_sessions_created_by CHECK (length(created_by) <= 100),
  updated_by text CONSTRAINT chk_sessions_updated_by CHECK (length(updated_by) <= 100),
  version integer NOT NULL DEFAULT 1,
  -- Seconds a session lives without activity; null means without end (design.md §9).
  ttl_seconds integer CONSTRAINT chk_sessions_ttl CHECK (ttl_seconds > 0),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  deleted_at timestamptz,
  CONSTRAINT uq_sessions_project UNIQUE (project_id, id),
  CONSTRAINT chk_sessions_parent CHECK (parent_id <> id),
  CONSTRAINT fk_sessions_parent FOREIGN KEY (project_id, parent_id) REFERENCES sessions (project_id, id) ON DELETE SET NULL (parent_id),
  CONSTRAINT fk_sessions_workspace FOREIGN KEY (project_id, workspace_id) REFERENCES workspaces (project_id, id)
);
-- Titles are unique per creator among live rows; rows without a creator are exempt (ORC-041).
CREATE UNIQUE INDEX uq_sessions_title_creator ON sessions (project_id, title, created_by) WHERE deleted_at IS NULL AND created_by IS NOT NULL;
CREATE INDEX idx_sessions_created ON sessions (project_id, created_at, id);
CREATE INDEX idx_sessions_status_priority ON sessions (project_id, status, priority);
CREATE INDEX idx_sessions_status_updated ON sessions (project_id, status_updated_at);
CREATE INDEX idx_sessions_parent_created ON sessions (parent_id, created_at) WHERE parent_id IS NOT NULL;
CREATE INDEX idx_sessions_type_status ON sessions (project_id, session_type, status);
CREATE INDEX idx_sessions_title ON sessions (project_id, title);
CREATE INDEX idx_sessions_creator ON sessions (project_id, created_by);
CREATE INDEX idx_sessions_workspace ON sessions (workspace_id) WHERE workspace_id IS NOT NULL;
CREATE INDEX idx_sessions_active ON sessions (project_id, status)
  WHERE status IN ('pending', 'queued', 'running', 'paused', 'degraded') AND deleted_at IS NULL;
CREATE INDEX idx_sessions_tags ON sessions USING gin (tags jsonb_path_ops);
CREATE INDEX idx_sessions_search ON sessions USING gin (to_tsvector('english', title || ' ' || coalesce(description, '')));

CREATE FUNCTION sb_session_status() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  legal boolean;
BEGIN
  IF NEW.status = OLD.status THEN
    NEW.status_updated_at := OLD.status_updated_at;
    IF NEW.attempt <> OLD.attempt THEN
      RAISE EXCEPTION 'the attempt of session % changes only with a retry', OLD.id
        USING ERRCODE = 'SB002', DETAIL = json_build_object('id', OLD.id, 'from', OLD.status, 'to', NEW.status)::text;
    END IF;
    RETURN NEW;
  END IF;
  SELECT NEW.attempt = OLD.attempt + t.retry::int INTO legal
    FROM session_status_transitions t WHERE t.from_status = OLD.status AND t.to_status = NEW.status;
  IF legal IS NOT TRUE THEN
    RAISE EXCEPTION 'session % cannot go from % to %', OLD.id, OLD.status, NEW.status
      USING ERRCODE = 'SB002', DETAIL = json_build_object('id', OLD.id, 'from', OLD.status, 'to', NEW.status)::text;
  END IF;
  -- The instant at which the row is held, not the one at which the transaction began: a change that waited for another
  -- one is later than it. Whole milliseconds, as on the wire, so that durations add up there too.
  NEW.status_updated_at := date_trunc('milliseconds', clock_timestamp());
  RETURN NEW;
END $$;
CREATE TRIGGER trg_sessions_insert_version BEFORE INSERT ON sessions FOR EACH ROW EXECUTE FUNCTION sb_insert_version();
CREATE TRIGGER trg_sessions_status BEFORE UPDATE ON sessions FOR EACH ROW EXECUTE FUNCTION sb_session_status();
CREATE TRIGGER trg_sessions_version BEFORE UPDATE ON sessions FOR EACH ROW EXECUTE FUNCTION sb_enforce_version();

-- Written often and by machines; never raises the session's version (ORC-057…074, design.md §9).
CREATE TABLE session_metrics (
  session_id uuid PRIMARY KEY CONSTRAINT fk_metrics_session REFERENCES sessions ON DELETE CASCADE,
  project_id uuid NOT NULL,
  -- Since when the current attempt waits to be started: the creation, or the latest retry.
  queued_at timestamptz NOT NULL DEFAULT now(),
  started_at timestamptz,
  completed_at timestamptz,
  failed_at timestamptz,
  -- End of the attempt, whatever its terminal status.
  ended_at timestamptz,
  queue_duration_seconds double precision,
  execution_duration_seconds double precision,
  total_duration_seconds double precision,
  -- Seconds the attempt stood paused, and since when it stands paused now; the run limit leaves them out.
  paused_seconds double precision NOT NULL DEFAULT 0,
  paused_at timestamptz,
  cpu_usage_percent double precision,
  cpu_seconds double precision,
  memory_usage_mb double precision,
  disk_usage_mb double precision,
  network_bytes_sent bigint,
  network_bytes_received bigint,
  total_tokens_used bigint,
  input_tokens bigint,
  output_tokens bigint,
  reasoning_tokens bigint,
  cache_read_tokens bigint,
  cache_write_tokens bigint,
  -- Millionths of a US dollar (ORC-068).
  estimated_cost_micro_usd bigint,
  api_calls_count integer NOT NULL DEFAULT 0,
  api_errors_count integer NOT NULL DEFAULT 0,
  tool_calls_count integer NOT NULL DEFAULT 0,
  retry_count integer NOT NULL DEFAULT 0,
  success_rate double precision CONSTRAINT chk_metrics_success_rate CHECK (success_rate BETWEEN 0 AND 1),
  confidence_score double precision CONSTRAINT chk_metrics_confidence CHECK (confidence_score BETWEEN 0 AND 1),
  code_quality_score double precision CONSTRAINT chk_metrics_quality CHECK (code_quality_score BETWEEN 0 AND 1),
  result jsonb,
  error jsonb,
  warnings jsonb NOT NULL DEFAULT '[]' CONSTRAINT chk_metrics_warnings CHECK (jsonb_typeof(warnings) = 'array'),
  checkpoint_count integer NOT NULL DEFAULT 0,
  last_checkpoint_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX idx_metrics_project ON session_metrics (project_id);
CREATE INDEX idx_metrics_created ON session_metrics (created_at);
CREATE INDEX idx_metrics_duration ON session_metrics (execution_duration_seconds);
CREATE INDEX idx_metrics_success ON session_metrics (success_rate);
CREATE INDEX idx_metrics_started ON session_metrics (started_at);
CREATE INDEX idx_metrics_completed ON session_metrics (completed_at);
CREATE INDEX idx_metrics_failed ON session_metrics (failed_at);

-- The outcome of each attempt that a retry has put behind (ORC-202).
CREATE TABLE session_attempts (
  session_id uuid NOT NULL CONSTRAINT fk_attempts_session REFERENCES sessions ON DELETE CASCADE,
  project_id uuid NOT NULL,
  attempt integer NOT NULL,
  status text NOT NULL,
  started_at timestamptz,
  ended_at timestamptz,
  result jsonb,
  error jsonb,
  PRIMARY KEY (session_id, attempt)
);
CREATE TRIGGER trg_attempts_append_only BEFORE UPDATE OR DELETE ON session_attempts FOR EACH ROW EXECUTE FUNCTION sb_append_only();

CREATE TABLE session_checkpoints (
  id uuid PRIMARY KEY,
  project_id uuid NOT NULL,
  session_id uuid NOT NULL CONSTRAINT fk_checkpoints_session REFERENCES sessions ON DELETE CASCADE,
  sequence integer NOT NULL CONSTRAINT chk_checkpoints_sequence CHECK (sequence >= 1),
  data jsonb NOT NULL,
  metadata jsonb NOT NULL DEFAULT '{}' CONSTRAINT chk_checkpoints_metadata CHECK (jsonb_typeof(metadata) = 'object'),
  -- Position in the session's journal at which the checkpoint was taken.
  journal_seq bigint NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT uq_checkpoints_session_sequence UNIQUE (session_id, sequence)
);
CREATE INDEX idx_checkpoints_timestamp ON session_checkpoints (session_id, created_at);
CREATE TRIGGER trg_checkpoints_append_only BEFORE UPDATE OR DELETE ON session_checkpoints FOR EACH ROW EXECUTE FUNCTION sb_append_only();

-- Who takes part in a session, in the order of first joining (SES-068, SES-069). Left members keep their row.
CREATE TABLE session_agents (
  session_id uuid NOT NULL CONSTRAINT fk_session_agents_session REFERENCES sessions ON DELETE CASCADE,
  project_id uuid NOT NULL,
  agent text NOT NULL CONSTRAINT chk_session_agents_agent CHECK (length(agent) BETWEEN 1 AND 100),
  ordinal bigint GENERATED ALWAYS AS IDENTITY,
  joined_at timestamptz NOT NULL DEFAULT now(),
  left_at timestamptz,
  PRIMARY KEY (session_id, agent)
);
-- Not partial: without statistics the planner took an index of all who have not left for the members of one session.
CREATE INDEX idx_session_agents_agent ON session_agents (project_id, agent);

CREATE VIEW active_sessions AS
  SELECT * FROM sessions WHERE status IN ('pending', 'queued', 'running', 'paused', 'degraded') AND deleted_at IS NULL;

-- Down Migration

DROP VIEW active_sessions;
DROP TABLE session_agents;
DROP TABLE session_checkpoints;
DROP TABLE session_attempts;
DROP TABLE session_metrics;
DROP TABLE sessions;
DROP FUNCTION sb_session_status();
DROP TABLE session_status_transitions;
DROP TABLE workspaces;
