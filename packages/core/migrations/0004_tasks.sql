-- Queued work: what running sessions needs (design.md §4).

-- Up Migration

CREATE TABLE tasks (
  id uuid PRIMARY KEY,
  project_id uuid NOT NULL CONSTRAINT fk_tasks_project REFERENCES projects ON DELETE CASCADE,
  type text NOT NULL CONSTRAINT chk_tasks_type CHECK (type ~ '^[a-z][a-z0-9_.-]{0,99}$'),
  payload jsonb NOT NULL DEFAULT '{}' CONSTRAINT chk_tasks_payload CHECK (jsonb_typeof(payload) = 'object'),
  status text NOT NULL DEFAULT 'queued' CONSTRAINT chk_tasks_status CHECK (status IN (
    'queued', 'waiting', 'held', 'claimed', 'running', 'completed', 'failed', 'dead', 'cancelled', 'skipped')),
  -- Lower is more urgent, as for sessions (ORC-009).
  priority smallint NOT NULL DEFAULT 2 CONSTRAINT chk_tasks_priority CHECK (priority BETWEEN 0 AND 4),
  run_at timestamptz NOT NULL DEFAULT now(),
  attempt integer NOT NULL DEFAULT 0,
  max_attempts integer NOT NULL DEFAULT 1 CONSTRAINT chk_tasks_max_attempts CHECK (max_attempts BETWEEN 1 AND 100),
  session_id uuid,
  -- Who holds the claim, by which token, until when. The token only grows and goes with every later write.
  claimed_by text,
  claim_token bigint,
  claim_expires_at timestamptz,
  claimed_at timestamptz,
  idempotency_key text CONSTRAINT chk_tasks_idempotency_key CHECK (length(idempotency_key) BETWEEN 1 AND 255),
  idempotency_digest bytea,
  idempotency_expires_at timestamptz,
  trace_id text,
  result jsonb,
  error jsonb,
  created_by text,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz,
  CONSTRAINT fk_tasks_session FOREIGN KEY (project_id, session_id) REFERENCES sessions (project_id, id) ON DELETE CASCADE,
  CONSTRAINT chk_tasks_claim CHECK ((status IN ('claimed', 'running')) = (claim_expires_at IS NOT NULL))
);
CREATE INDEX idx_tasks_ready ON tasks (type, priority, run_at, id) WHERE status = 'queued';
CREATE INDEX idx_tasks_leases ON tasks (claim_expires_at) WHERE status IN ('claimed', 'running');
CREATE INDEX idx_tasks_project ON tasks (project_id, created_at, id);
CREATE INDEX idx_tasks_session ON tasks (session_id) WHERE session_id IS NOT NULL;
CREATE INDEX idx_tasks_trace ON tasks (trace_id) WHERE trace_id IS NOT NULL;
CREATE UNIQUE INDEX uq_tasks_idempotency_key ON tasks (project_id, idempotency_key) WHERE idempotency_key IS NOT NULL;
-- At most one live run of a session.
CREATE UNIQUE INDEX uq_tasks_session_run ON tasks (session_id)
  WHERE type = 'session.run' AND status IN ('queued', 'waiting', 'held', 'claimed', 'running');

CREATE TABLE task_attempts (
  task_id uuid NOT NULL CONSTRAINT fk_task_attempts_task REFERENCES tasks ON DELETE CASCADE,
  attempt integer NOT NULL,
  project_id uuid NOT NULL,
  agent text NOT NULL,
  token bigint NOT NULL,
  started_at timestamptz NOT NULL,
  ended_at timestamptz NOT NULL,
  outcome text NOT NULL CONSTRAINT chk_task_attempts_outcome CHECK (outcome IN ('completed', 'failed', 'lost', 'cancelled', 'released')),
  error jsonb,
  PRIMARY KEY (task_id, attempt)
);

-- Down Migration

DROP TABLE task_attempts;
DROP TABLE tasks;
