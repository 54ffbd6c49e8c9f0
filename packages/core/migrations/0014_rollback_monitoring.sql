-- Watching over rollbacks (RB-213…228): figures taken now and then, and alerts about what they say.

-- Up Migration

CREATE TABLE rollback_samples (
  id uuid PRIMARY KEY,
  project_id uuid NOT NULL CONSTRAINT fk_rollback_samples_project REFERENCES projects ON DELETE CASCADE,
  timestamp timestamptz NOT NULL,
  -- What it was taken for: the interval, or something that happened.
  cause text NOT NULL CONSTRAINT chk_rollback_samples_cause CHECK (cause IN (
    'interval', 'point_created', 'rollback_completed', 'rollback_failed', 'cleanup_completed')),
  total_rollback_points integer NOT NULL CONSTRAINT chk_rollback_samples_points CHECK (total_rollback_points >= 0),
  successful_rollbacks bigint NOT NULL CONSTRAINT chk_rollback_samples_successes CHECK (successful_rollbacks >= 0),
  failed_rollbacks bigint NOT NULL CONSTRAINT chk_rollback_samples_failures CHECK (failed_rollbacks >= 0),
  -- Milliseconds.
  average_rollback_time double precision NOT NULL CONSTRAINT chk_rollback_samples_time CHECK (average_rollback_time >= 0),
  -- Bytes.
  memory_usage bigint NOT NULL CONSTRAINT chk_rollback_samples_memory CHECK (memory_usage >= 0),
  last_cleanup timestamptz,
  active_operations integer NOT NULL CONSTRAINT chk_rollback_samples_active CHECK (active_operations >= 0),
  pending_operations integer NOT NULL CONSTRAINT chk_rollback_samples_pending CHECK (pending_operations >= 0),
  recent_failures integer NOT NULL CONSTRAINT chk_rollback_samples_recent CHECK (recent_failures >= 0),
  memory_pressure double precision NOT NULL CONSTRAINT chk_rollback_samples_pressure CHECK (memory_pressure BETWEEN 0 AND 100)
);
CREATE INDEX idx_rollback_samples_time ON rollback_samples (project_id, timestamp, id);

CREATE TABLE rollback_alerts (
  id uuid PRIMARY KEY,
  project_id uuid NOT NULL CONSTRAINT fk_rollback_alerts_project REFERENCES projects ON DELETE CASCADE,
  type text NOT NULL CONSTRAINT chk_rollback_alerts_type CHECK (type IN ('failure_rate', 'performance', 'memory', 'capacity')),
  severity text NOT NULL CONSTRAINT chk_rollback_alerts_severity CHECK (severity IN ('warning', 'critical')),
  message text NOT NULL,
  data jsonb NOT NULL CONSTRAINT chk_rollback_alerts_data CHECK (jsonb_typeof(data) = 'object'),
  -- When it was last seen to hold.
  timestamp timestamptz NOT NULL,
  first_seen_at timestamptz NOT NULL,
  occurrences integer NOT NULL DEFAULT 1 CONSTRAINT chk_rollback_alerts_occurrences CHECK (occurrences >= 1),
  -- When an operation last gave rise to it; null where only figures did.
  operation_at timestamptz,
  resolved_at timestamptz,
  -- Null where it resolved itself.
  resolved_by text,
  CONSTRAINT chk_rollback_alerts_order CHECK (first_seen_at <= timestamp),
  CONSTRAINT chk_rollback_alerts_resolved CHECK (resolved_by IS NULL OR resolved_at IS NOT NULL)
);
-- An open alert takes up further ones of its kind (RB-220).
CREATE UNIQUE INDEX uq_rollback_alerts_open ON rollback_alerts (project_id, type, severity) WHERE resolved_at IS NULL;
CREATE INDEX idx_rollback_alerts_time ON rollback_alerts (project_id, timestamp, id);

-- Down Migration

DROP TABLE rollback_alerts;
DROP TABLE rollback_samples;
