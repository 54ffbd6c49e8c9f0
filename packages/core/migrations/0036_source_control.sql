-- Commits that were made through us: what each is for, what it was tested and validated with, and what became of it at the provider (KG-307).

-- Up Migration

CREATE TABLE source_commits (
  id uuid PRIMARY KEY,
  project_id uuid NOT NULL,
  workspace_id uuid NOT NULL,
  commit_hash text NOT NULL CONSTRAINT chk_source_commits_hash CHECK (commit_hash ~ '^[0-9a-f]{40}([0-9a-f]{24})?$'),
  branch text NOT NULL CONSTRAINT chk_source_commits_branch CHECK (branch <> ''),
  title text NOT NULL CONSTRAINT chk_source_commits_title CHECK (title <> ''),
  description text NOT NULL,
  author text NOT NULL,
  -- Paths that the commit changed, relative to the workspace.
  changes jsonb NOT NULL CONSTRAINT chk_source_commits_changes CHECK (jsonb_typeof(changes) = 'array'),
  related_spec_id text,
  test_results jsonb NOT NULL DEFAULT '[]' CONSTRAINT chk_source_commits_tests CHECK (jsonb_typeof(test_results) = 'array'),
  validation_results jsonb,
  -- Whether somebody wants a pull request for it, and with what labels.
  pull_request boolean NOT NULL DEFAULT false,
  labels jsonb NOT NULL DEFAULT '[]' CONSTRAINT chk_source_commits_labels CHECK (jsonb_typeof(labels) = 'array'),
  pr_url text,
  provider text,
  status text NOT NULL DEFAULT 'pending' CONSTRAINT chk_source_commits_status CHECK (status IN (
    'pending', 'committed', 'pushed', 'merged', 'failed')),
  -- How often the provider was asked again, and with what it ended.
  retry_attempts integer NOT NULL DEFAULT 0 CONSTRAINT chk_source_commits_retries CHECK (retry_attempts >= 0),
  provider_error jsonb,
  -- What people are told where they have to see to it.
  escalation_message text,
  metadata jsonb NOT NULL DEFAULT '{}' CONSTRAINT chk_source_commits_metadata CHECK (jsonb_typeof(metadata) = 'object'),
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  CONSTRAINT fk_source_commits_workspace FOREIGN KEY (project_id, workspace_id)
    REFERENCES workspaces (project_id, id) ON DELETE CASCADE
);
CREATE INDEX idx_source_commits_created ON source_commits (project_id, created_at, id);
CREATE INDEX idx_source_commits_hash ON source_commits (project_id, commit_hash);

-- Down Migration

DROP TABLE source_commits;
