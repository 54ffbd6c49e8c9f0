-- Rollback points, what they hold, and the operations that put it back.

-- Up Migration

-- One row per project: what is counted of its points and operations. Whatever makes a point, or ends an operation, holds it.
CREATE TABLE rollback_scopes (
  project_id uuid PRIMARY KEY CONSTRAINT fk_rollback_scopes_project REFERENCES projects ON DELETE CASCADE,
  points_created bigint NOT NULL DEFAULT 0,
  -- Operations that ended so, dry runs left out, and how long the successful ones took together. Counted as they end, since
  -- operations are forgotten after a while.
  successes bigint NOT NULL DEFAULT 0,
  failures bigint NOT NULL DEFAULT 0,
  success_ms double precision NOT NULL DEFAULT 0,
  conflicts_found bigint NOT NULL DEFAULT 0,
  conflicts_resolved bigint NOT NULL DEFAULT 0,
  resolution_ms double precision NOT NULL DEFAULT 0,
  items_written bigint NOT NULL DEFAULT 0,
  item_failures bigint NOT NULL DEFAULT 0,
  last_cleanup_at timestamptz
);
INSERT INTO rollback_scopes (project_id) SELECT id FROM projects;
CREATE FUNCTION sb_rollback_scope() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO rollback_scopes (project_id) VALUES (NEW.id);
  RETURN NULL;
END $$;
CREATE TRIGGER trg_projects_rollback_scope AFTER INSERT ON projects FOR EACH ROW EXECUTE FUNCTION sb_rollback_scope();

-- How many points were ever made in a session: its automatic checkpoints go by this, also once old points are deleted.
CREATE TABLE rollback_sessions (
  session_id uuid PRIMARY KEY,
  project_id uuid NOT NULL,
  points_created integer NOT NULL DEFAULT 0,
  CONSTRAINT fk_rollback_sessions_session FOREIGN KEY (project_id, session_id)
    REFERENCES sessions (project_id, id) ON DELETE CASCADE
);

CREATE TABLE rollback_points (
  id uuid PRIMARY KEY,
  project_id uuid NOT NULL CONSTRAINT fk_rollback_points_project REFERENCES projects ON DELETE CASCADE,
  name text NOT NULL CONSTRAINT chk_rollback_points_name CHECK (length(name) BETWEEN 1 AND 200),
  description text,
  metadata jsonb NOT NULL CONSTRAINT chk_rollback_points_metadata CHECK (jsonb_typeof(metadata) = 'object'),
  -- named: asked for; backup: taken by an operation before its first write, so that it can be undone.
  kind text NOT NULL CONSTRAINT chk_rollback_points_kind CHECK (kind IN ('named', 'backup')),
  session_id uuid,
  workspace_id uuid,
  -- Which snapshots it has.
  captured text[] NOT NULL,
  -- Whether nothing changed in the workspace while the rest was read: all of it is one moment.
  consistent boolean NOT NULL,
  created_by text,
  created_at timestamptz NOT NULL,
  -- When it was last asked for by its id: the one that was not for longest gives way first.
  used_at timestamptz NOT NULL,
  expires_at timestamptz,
  -- Set once it has expired: from then on it holds nothing, and is kept for a day to say so.
  expired_at timestamptz,
  version integer NOT NULL DEFAULT 1,
  CONSTRAINT uq_rollback_points_project UNIQUE (project_id, id),
  CONSTRAINT fk_rollback_points_session FOREIGN KEY (project_id, session_id)
    REFERENCES sessions (project_id, id) ON DELETE SET NULL (session_id),
  CONSTRAINT fk_rollback_points_workspace FOREIGN KEY (project_id, workspace_id)
    REFERENCES workspaces (project_id, id) ON DELETE SET NULL (workspace_id),
  CONSTRAINT chk_rollback_points_expired CHECK (expired_at IS NULL OR expires_at IS NOT NULL)
);
CREATE INDEX idx_rollback_points_created ON rollback_points (project_id, created_at, id);
CREATE INDEX idx_rollback_points_used ON rollback_points (project_id, used_at) WHERE expired_at IS NULL;
CREATE INDEX idx_rollback_points_session ON rollback_points (session_id, created_at) WHERE session_id IS NOT NULL;
CREATE INDEX idx_rollback_points_workspace ON rollback_points (workspace_id) WHERE workspace_id IS NOT NULL;
CREATE INDEX idx_rollback_points_expires ON rollback_points (expires_at) WHERE expires_at IS NOT NULL;

-- One for each kind of state that a point holds.
CREATE TABLE rollback_snapshots (
  id uuid PRIMARY KEY,
  project_id uuid NOT NULL,
  point_id uuid NOT NULL,
  type text NOT NULL CONSTRAINT chk_rollback_snapshots_type CHECK (type IN (
    'entity', 'relationship', 'file', 'configuration', 'session_state')),
  -- Canonical JSON as text: jsonb would change what the checksum was made over, and refuses some strings that JSON can hold.
  data text NOT NULL,
  size_bytes integer NOT NULL CONSTRAINT chk_rollback_snapshots_size CHECK (size_bytes = octet_length(data)),
  -- SHA-256 of the data, in hexadecimal digits.
  checksum text NOT NULL CONSTRAINT chk_rollback_snapshots_checksum CHECK (checksum ~ '^[0-9a-f]{64}$'),
  metadata jsonb NOT NULL CONSTRAINT chk_rollback_snapshots_metadata CHECK (jsonb_typeof(metadata) = 'object'),
  created_at timestamptz NOT NULL,
  CONSTRAINT fk_rollback_snapshots_point FOREIGN KEY (project_id, point_id)
    REFERENCES rollback_points (project_id, id) ON DELETE CASCADE,
  CONSTRAINT uq_rollback_snapshots_type UNIQUE (point_id, type)
);

CREATE TABLE rollback_operations (
  id uuid PRIMARY KEY,
  project_id uuid NOT NULL CONSTRAINT fk_rollback_operations_project REFERENCES projects ON DELETE CASCADE,
  type text NOT NULL CONSTRAINT chk_rollback_operations_type CHECK (type IN ('full', 'partial', 'selective', 'dry_run')),
  strategy text CONSTRAINT chk_rollback_operations_strategy CHECK (strategy IN (
    'immediate', 'gradual', 'safe', 'force', 'partial', 'time_based', 'dry_run')),
  -- History outlives the point: the reference goes with it, its id and name stay.
  point_id uuid,
  target_point_id uuid NOT NULL,
  target_point_name text NOT NULL,
  session_id uuid,
  -- What the caller asked for.
  options jsonb NOT NULL CONSTRAINT chk_rollback_operations_options CHECK (jsonb_typeof(options) = 'object'),
  -- Whether it changes anything: dry runs do not.
  mutating boolean NOT NULL,
  status text NOT NULL DEFAULT 'pending' CONSTRAINT chk_rollback_operations_status CHECK (status IN (
    'pending', 'in_progress', 'completed', 'failed', 'cancelled')),
  progress smallint NOT NULL DEFAULT 0 CONSTRAINT chk_rollback_operations_progress CHECK (progress BETWEEN 0 AND 100),
  -- {code, message, details} of what it failed with.
  error jsonb,
  result jsonb,
  preview jsonb,
  log jsonb NOT NULL DEFAULT '[]' CONSTRAINT chk_rollback_operations_log CHECK (jsonb_typeof(log) = 'array'),
  -- Where everything was before it: rolling back to this point undoes it.
  backup_point_id uuid,
  created_by text,
  cancelled_by text,
  -- Which process works on it, and until when it is believed to: one that is silent for longer is gone.
  runner text,
  lease_until timestamptz,
  cancel_requested_at timestamptz,
  started_at timestamptz NOT NULL,
  completed_at timestamptz,
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT fk_rollback_operations_point FOREIGN KEY (project_id, point_id)
    REFERENCES rollback_points (project_id, id) ON DELETE SET NULL (point_id),
  CONSTRAINT fk_rollback_operations_backup FOREIGN KEY (project_id, backup_point_id)
    REFERENCES rollback_points (project_id, id) ON DELETE SET NULL (backup_point_id),
  CONSTRAINT chk_rollback_operations_ended CHECK (
    (status IN ('completed', 'failed', 'cancelled')) = (completed_at IS NOT NULL)),
  CONSTRAINT chk_rollback_operations_error CHECK ((status = 'failed') = (error IS NOT NULL)),
  CONSTRAINT chk_rollback_operations_done CHECK (status <> 'completed' OR progress = 100)
);
-- At most one at a time changes a project.
CREATE UNIQUE INDEX uq_rollback_operations_active ON rollback_operations (project_id)
  WHERE mutating AND status IN ('pending', 'in_progress');
CREATE INDEX idx_rollback_operations_status ON rollback_operations (project_id, status);
CREATE INDEX idx_rollback_operations_started ON rollback_operations (project_id, started_at, id);
CREATE INDEX idx_rollback_operations_point ON rollback_operations (point_id) WHERE point_id IS NOT NULL;
CREATE INDEX idx_rollback_operations_backup ON rollback_operations (backup_point_id) WHERE backup_point_id IS NOT NULL;
CREATE INDEX idx_rollback_operations_session ON rollback_operations (session_id, started_at) WHERE session_id IS NOT NULL;
CREATE INDEX idx_rollback_operations_lease ON rollback_operations (lease_until) WHERE completed_at IS NULL;
CREATE INDEX idx_rollback_operations_completed ON rollback_operations (completed_at) WHERE completed_at IS NOT NULL;

-- Files are put back by undos: a rollback that ended in the middle leaves it to them to say which paths are old, which new.
ALTER TABLE undo_operations ADD COLUMN rollback_operation_id uuid
  CONSTRAINT fk_undo_operations_rollback REFERENCES rollback_operations ON DELETE SET NULL;
CREATE INDEX idx_undo_operations_rollback ON undo_operations (rollback_operation_id) WHERE rollback_operation_id IS NOT NULL;

-- The transition table of operations. The code holds the same table; a test compares them.
CREATE FUNCTION sb_rollback_operation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.status IS DISTINCT FROM OLD.status AND (OLD.status, NEW.status) NOT IN (
    ('pending', 'in_progress'), ('pending', 'failed'), ('pending', 'cancelled'),
    ('in_progress', 'completed'), ('in_progress', 'failed'), ('in_progress', 'cancelled')
  ) THEN
    RAISE EXCEPTION 'rollback operation % cannot go from % to %', OLD.id, OLD.status, NEW.status
      USING ERRCODE = 'SB002', DETAIL = json_build_object('id', OLD.id, 'from', OLD.status, 'to', NEW.status)::text;
  END IF;
  IF NEW.progress < OLD.progress THEN
    RAISE EXCEPTION 'progress of rollback operation % cannot fall from % to %', OLD.id, OLD.progress, NEW.progress
      USING ERRCODE = 'SB002', DETAIL = json_build_object('id', OLD.id, 'from', OLD.progress, 'to', NEW.progress)::text;
  END IF;
  NEW.updated_at := clock_timestamp();
  RETURN NEW;
END $$;
CREATE TRIGGER trg_rollback_operations BEFORE UPDATE ON rollback_operations FOR EACH ROW EXECUTE FUNCTION sb_rollback_operation();

-- Down Migration

ALTER TABLE undo_operations DROP COLUMN rollback_operation_id;
DROP TABLE rollback_operations;
DROP FUNCTION sb_rollback_operation;
DROP TABLE rollback_snapshots;
DROP TABLE rollback_points;
DROP TABLE rollback_sessions;
DROP TRIGGER trg_projects_rollback_scope ON projects;
DROP FUNCTION sb_rollback_scope;
DROP TABLE rollback_scopes;
