-- Who did what to what, sealed into a hash chain (CTL-032, ORC-218, design.md §5).

-- Up Migration

CREATE TABLE audit_events (
  id uuid NOT NULL,
  project_id uuid NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  actor text NOT NULL,
  actor_role text,
  action text NOT NULL CONSTRAINT chk_audit_action CHECK (action ~ '^[a-z_]+\.[a-z_]+$'),
  subject_type text NOT NULL,
  subject_id text NOT NULL,
  version_before integer,
  version_after integer,
  -- Changed fields: {field: {before, after}}, redacted before it gets here.
  changes jsonb NOT NULL DEFAULT '{}',
  details jsonb NOT NULL DEFAULT '{}',
  trace_id text,
  PRIMARY KEY (at, id)
) PARTITION BY RANGE (at);
CREATE TABLE audit_events_default PARTITION OF audit_events DEFAULT;
CREATE INDEX idx_audit_project ON audit_events (project_id, at, id);
CREATE INDEX idx_audit_subject ON audit_events (project_id, subject_type, subject_id, at);
CREATE INDEX idx_audit_trace ON audit_events (trace_id) WHERE trace_id IS NOT NULL;

-- Rows not sealed yet. Written with the audit row itself, emptied by the sealer: so the chain never serialises writers,
-- and a row that commits late is sealed late, never missed.
CREATE TABLE audit_inbox (
  at timestamptz NOT NULL,
  id uuid NOT NULL,
  project_id uuid NOT NULL,
  PRIMARY KEY (project_id, at, id)
);

CREATE FUNCTION sb_audit_inbox() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO audit_inbox (at, id, project_id) VALUES (NEW.at, NEW.id, NEW.project_id);
  RETURN NULL;
END $$;
CREATE TRIGGER trg_audit_events_inbox AFTER INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION sb_audit_inbox();
CREATE TRIGGER trg_audit_events_append_only BEFORE UPDATE OR DELETE ON audit_events FOR EACH ROW EXECUTE FUNCTION sb_append_only();

-- A seal covers the positions first_position … first_position + count - 1 of its project.
CREATE TABLE audit_seals (
  project_id uuid NOT NULL,
  number bigint NOT NULL,
  first_position bigint NOT NULL,
  count integer NOT NULL CONSTRAINT chk_seals_count CHECK (count >= 1),
  merkle_root bytea NOT NULL,
  -- Digest of the seal before; null for the first.
  previous_seal bytea,
  -- HMAC over all of the above, with a key kept outside the database.
  seal bytea NOT NULL,
  key_id text NOT NULL,
  sealed_at timestamptz NOT NULL,
  PRIMARY KEY (project_id, number)
);
CREATE TABLE audit_positions (
  project_id uuid NOT NULL,
  position bigint NOT NULL,
  at timestamptz NOT NULL,
  id uuid NOT NULL,
  -- Digest of the audit row as it was when it was sealed.
  leaf bytea NOT NULL,
  PRIMARY KEY (project_id, position),
  CONSTRAINT uq_audit_positions_event UNIQUE (project_id, id)
);
-- What retention has dropped: rows from before dropped_before are not missed any more. Seals and positions outlive them.
CREATE TABLE audit_releases (
  dropped_before timestamptz PRIMARY KEY,
  released_at timestamptz NOT NULL,
  -- HMAC over the above, with the key of the seals: else whoever removes rows could say it was retention.
  seal bytea NOT NULL,
  key_id text NOT NULL
);
CREATE TRIGGER trg_audit_releases_append_only BEFORE UPDATE OR DELETE ON audit_releases FOR EACH ROW EXECUTE FUNCTION sb_append_only();
CREATE TRIGGER trg_audit_seals_append_only BEFORE UPDATE OR DELETE ON audit_seals FOR EACH ROW EXECUTE FUNCTION sb_append_only();
CREATE TRIGGER trg_audit_positions_append_only BEFORE UPDATE OR DELETE ON audit_positions FOR EACH ROW EXECUTE FUNCTION sb_append_only();

-- Down Migration

DROP TABLE audit_releases;
DROP TABLE audit_positions;
DROP TABLE audit_seals;
DROP TABLE audit_events;
DROP TABLE audit_inbox;
DROP FUNCTION sb_audit_inbox();
