-- Path claims: who may change which files of a workspace, who waits for it, and where sessions got into each other's way.

-- Up Migration

-- One row per workspace. Whatever decides about its claims holds this row first: claims of one workspace are decided one
-- after the other, and a fencing token drawn under it is greater than all before it.
CREATE TABLE path_claim_domains (
  workspace_id uuid PRIMARY KEY,
  project_id uuid NOT NULL,
  CONSTRAINT fk_path_claim_domains_workspace FOREIGN KEY (project_id, workspace_id)
    REFERENCES workspaces (project_id, id) ON DELETE CASCADE
);
INSERT INTO path_claim_domains (workspace_id, project_id) SELECT id, project_id FROM workspaces;
CREATE FUNCTION sb_path_claim_domain() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO path_claim_domains (workspace_id, project_id) VALUES (NEW.id, NEW.project_id);
  RETURN NULL;
END $$;
CREATE TRIGGER trg_workspaces_claim_domain AFTER INSERT ON workspaces FOR EACH ROW EXECUTE FUNCTION sb_path_claim_domain();

-- Claims that are held or waited for; what is released is deleted.
CREATE TABLE path_claims (
  id uuid PRIMARY KEY,
  project_id uuid NOT NULL,
  workspace_id uuid NOT NULL,
  session_id uuid NOT NULL,
  -- The run under which it was claimed; null for claims by a caller that drives its session itself.
  task_id uuid,
  agent text NOT NULL,
  -- [{path, kind: literal | glob}], relative to the workspace.
  paths jsonb NOT NULL CONSTRAINT chk_path_claims_paths CHECK (jsonb_typeof(paths) = 'array' AND jsonb_array_length(paths) >= 1),
  mode text NOT NULL CONSTRAINT chk_path_claims_mode CHECK (mode IN ('exclusive', 'shared')),
  -- victim: chosen to end a deadlock; stays until its waiter has read that.
  status text NOT NULL CONSTRAINT chk_path_claims_status CHECK (status IN ('held', 'waiting', 'victim')),
  -- verb: asked for by somebody; session: named when it was created; write: taken by its first write of the path; call: for
  -- the duration of one tool call.
  origin text NOT NULL CONSTRAINT chk_path_claims_origin CHECK (origin IN ('verb', 'session', 'write', 'call')),
  call_id text,
  -- Lower is more urgent, as for sessions (ORC-009); equal ones by arrival.
  priority smallint NOT NULL CONSTRAINT chk_path_claims_priority CHECK (priority BETWEEN 0 AND 4),
  arrival bigint GENERATED ALWAYS AS IDENTITY,
  fencing_token bigint,
  -- Seconds it lasts once granted, where it is not bound to a run.
  ttl_seconds integer CONSTRAINT chk_path_claims_ttl CHECK (ttl_seconds > 0),
  requested_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  granted_at timestamptz,
  wait_until timestamptz,
  -- Null: it lives as long as its session's run.
  expires_at timestamptz,
  -- For a victim: the sessions that waited for each other.
  cycle jsonb,
  CONSTRAINT fk_path_claims_workspace FOREIGN KEY (project_id, workspace_id)
    REFERENCES workspaces (project_id, id) ON DELETE CASCADE,
  CONSTRAINT fk_path_claims_session FOREIGN KEY (project_id, session_id) REFERENCES sessions (project_id, id) ON DELETE CASCADE,
  CONSTRAINT chk_path_claims_held CHECK ((status = 'held') = (fencing_token IS NOT NULL) AND (status = 'held') = (granted_at IS NOT NULL)),
  CONSTRAINT chk_path_claims_cycle CHECK ((status = 'victim') = (cycle IS NOT NULL))
);
CREATE INDEX idx_path_claims_workspace ON path_claims (workspace_id, arrival);
CREATE INDEX idx_path_claims_session ON path_claims (session_id);
CREATE INDEX idx_path_claims_project ON path_claims (project_id, requested_at, id);
CREATE INDEX idx_path_claims_expires ON path_claims (expires_at) WHERE expires_at IS NOT NULL;
CREATE UNIQUE INDEX uq_path_claims_call ON path_claims (session_id, call_id) WHERE call_id IS NOT NULL;

-- The order in which tool calls of a workspace begin, end and name paths. Times would not do: some clocks tell only
-- milliseconds.
CREATE SEQUENCE path_moments AS bigint;

-- Which live session has written which path.
CREATE TABLE path_touches (
  workspace_id uuid NOT NULL,
  path text NOT NULL,
  session_id uuid NOT NULL,
  project_id uuid NOT NULL,
  -- When a tool call last named the path, so that its doing is known; null where none did.
  named bigint,
  PRIMARY KEY (workspace_id, path, session_id),
  CONSTRAINT fk_path_touches_session FOREIGN KEY (project_id, session_id) REFERENCES sessions (project_id, id) ON DELETE CASCADE
);
CREATE INDEX idx_path_touches_session ON path_touches (session_id);

-- Times in which a live session may have changed anything: calls of tools that name no path.
CREATE TABLE path_windows (
  session_id uuid NOT NULL,
  call_id text NOT NULL,
  project_id uuid NOT NULL,
  workspace_id uuid NOT NULL,
  opened bigint NOT NULL DEFAULT nextval('path_moments'),
  closed bigint,
  PRIMARY KEY (session_id, call_id),
  CONSTRAINT fk_path_windows_session FOREIGN KEY (project_id, session_id) REFERENCES sessions (project_id, id) ON DELETE CASCADE
);
CREATE INDEX idx_path_windows_workspace ON path_windows (workspace_id);

-- Two sessions that got into each other's way: one row for each thing and pair, however often.
CREATE TABLE conflicts (
  id uuid PRIMARY KEY,
  project_id uuid NOT NULL,
  workspace_id uuid NOT NULL,
  path text NOT NULL,
  -- The lesser id first.
  session_a uuid NOT NULL,
  session_b uuid NOT NULL,
  -- touch: both wrote it without a claim; claim: one wrote what the other had claimed.
  kind text NOT NULL CONSTRAINT chk_conflicts_kind CHECK (kind IN ('touch', 'claim')),
  -- Who wrote last when it was first seen; for a claim the one that broke it.
  by_session uuid NOT NULL CONSTRAINT chk_conflicts_by CHECK (by_session IN (session_a, session_b)),
  first_seen_at timestamptz NOT NULL,
  last_seen_at timestamptz NOT NULL,
  -- When both journals and the feed were told; null until then.
  warned_at timestamptz,
  acknowledged_at timestamptz,
  acknowledged_by text,
  CONSTRAINT chk_conflicts_pair CHECK (session_a < session_b),
  CONSTRAINT chk_conflicts_acknowledged CHECK ((acknowledged_at IS NULL) = (acknowledged_by IS NULL)),
  CONSTRAINT uq_conflicts_pair UNIQUE (workspace_id, path, session_a, session_b),
  CONSTRAINT fk_conflicts_workspace FOREIGN KEY (project_id, workspace_id)
    REFERENCES workspaces (project_id, id) ON DELETE CASCADE,
  CONSTRAINT fk_conflicts_session_a FOREIGN KEY (project_id, session_a) REFERENCES sessions (project_id, id) ON DELETE CASCADE,
  CONSTRAINT fk_conflicts_session_b FOREIGN KEY (project_id, session_b) REFERENCES sessions (project_id, id) ON DELETE CASCADE
);
CREATE INDEX idx_conflicts_project ON conflicts (project_id, last_seen_at, id);
CREATE INDEX idx_conflicts_session_a ON conflicts (session_a);
CREATE INDEX idx_conflicts_session_b ON conflicts (session_b);
CREATE INDEX idx_conflicts_unwarned ON conflicts (id) WHERE warned_at IS NULL;

-- What a session claims before it runs: [{path, kind, mode}], and how conflicts are met: {conflict?, waitSeconds?, auto?}.
ALTER TABLE sessions
  ADD COLUMN paths jsonb NOT NULL DEFAULT '[]' CONSTRAINT chk_sessions_paths CHECK (jsonb_typeof(paths) = 'array'),
  ADD COLUMN path_policy jsonb CONSTRAINT chk_sessions_path_policy CHECK (path_policy IS NULL OR jsonb_typeof(path_policy) = 'object');

-- Down Migration

ALTER TABLE sessions DROP COLUMN path_policy, DROP COLUMN paths;
DROP TABLE conflicts;
DROP TABLE path_windows;
DROP TABLE path_touches;
DROP SEQUENCE path_moments;
DROP TABLE path_claims;
DROP TRIGGER trg_workspaces_claim_domain ON workspaces;
DROP FUNCTION sb_path_claim_domain();
DROP TABLE path_claim_domains;
