-- Browser sessions: what a person has who signed in to the dashboard with a key. Gone once they are over; audit tells of them.

-- Up Migration

ALTER TABLE api_keys ADD CONSTRAINT uq_api_keys_project UNIQUE (project_id, id);

CREATE TABLE browser_sessions (
  id uuid PRIMARY KEY,
  project_id uuid NOT NULL CONSTRAINT fk_browser_sessions_project REFERENCES projects ON DELETE CASCADE,
  key_id uuid NOT NULL,
  -- What the cookie holds, and which secret of the key it was opened with: it works no longer than that one does.
  secret_digest bytea NOT NULL CONSTRAINT uq_browser_sessions_digest UNIQUE,
  key_digest bytea NOT NULL,
  created_at timestamptz NOT NULL,
  -- To a minute.
  last_seen_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  CONSTRAINT fk_browser_sessions_key FOREIGN KEY (project_id, key_id) REFERENCES api_keys (project_id, id) ON DELETE CASCADE,
  CONSTRAINT chk_browser_sessions_times CHECK (created_at <= last_seen_at AND created_at < expires_at)
);
CREATE INDEX idx_browser_sessions_key ON browser_sessions (project_id, key_id, created_at);

-- Down Migration

DROP TABLE browser_sessions;
ALTER TABLE api_keys DROP CONSTRAINT uq_api_keys_project;
