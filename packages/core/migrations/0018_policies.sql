-- Policies: rules that decide tool calls.

-- Up Migration

CREATE TABLE policies (
  id uuid PRIMARY KEY,
  project_id uuid NOT NULL CONSTRAINT fk_policies_project REFERENCES projects ON DELETE CASCADE,
  -- Null for all sessions of the project; else for this one and those below it.
  session_id uuid,
  -- Also in the document; here so that it is unique.
  name text NOT NULL CONSTRAINT chk_policies_name CHECK (name ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  enabled boolean NOT NULL,
  -- Lower ones are asked first.
  position integer NOT NULL,
  document jsonb NOT NULL CONSTRAINT chk_policies_document CHECK (jsonb_typeof(document) = 'object'),
  created_by text NOT NULL,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT uq_policies_name UNIQUE (project_id, name),
  CONSTRAINT fk_policies_session FOREIGN KEY (project_id, session_id) REFERENCES sessions (project_id, id) ON DELETE CASCADE
);
CREATE INDEX idx_policies_session ON policies (project_id, session_id) WHERE session_id IS NOT NULL;
CREATE TRIGGER trg_policies_insert_version BEFORE INSERT ON policies FOR EACH ROW EXECUTE FUNCTION sb_insert_version();
CREATE TRIGGER trg_policies_version BEFORE UPDATE ON policies FOR EACH ROW EXECUTE FUNCTION sb_enforce_version();

-- Every version that ever held, also of policies that are gone: decisions name them.
CREATE TABLE policy_versions (
  project_id uuid NOT NULL CONSTRAINT fk_policy_versions_project REFERENCES projects ON DELETE CASCADE,
  policy_id uuid NOT NULL,
  version integer NOT NULL,
  enabled boolean NOT NULL,
  position integer NOT NULL,
  document jsonb NOT NULL,
  changed_by text NOT NULL,
  changed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (project_id, policy_id, version)
);
CREATE TRIGGER trg_policy_versions_append_only BEFORE UPDATE OR DELETE ON policy_versions FOR EACH ROW EXECUTE FUNCTION sb_append_only();

-- Down Migration

DROP TABLE policy_versions;
DROP TABLE policies;
