-- Indexing: what was read of the code, and the work of reading it.

-- Up Migration

CREATE TABLE graph_index_jobs (
  id uuid PRIMARY KEY,
  project_id uuid NOT NULL CONSTRAINT fk_graph_index_jobs_project REFERENCES projects ON DELETE CASCADE,
  workspace_id uuid NOT NULL,
  status text NOT NULL DEFAULT 'queued'
    CONSTRAINT chk_graph_index_jobs_status CHECK (status IN ('queued', 'running', 'completed', 'failed')),
  -- What was remembered of the workspace was forgotten before it began.
  is_full boolean NOT NULL,
  requested_by text NOT NULL,
  -- Sources of the workspace, of these how many say something else now, and of those how many are in the graph again.
  files_total integer,
  files_affected integer,
  files_removed integer,
  files_done integer NOT NULL DEFAULT 0,
  entities integer NOT NULL DEFAULT 0,
  relationships integer NOT NULL DEFAULT 0,
  problem_count integer NOT NULL DEFAULT 0,
  -- The first of them.
  problems jsonb NOT NULL DEFAULT '[]' CONSTRAINT chk_graph_index_jobs_problems CHECK (jsonb_typeof(problems) = 'array'),
  error text,
  -- Rises each time somebody takes it up; what was begun under a lower one writes nothing more.
  attempt integer NOT NULL DEFAULT 0,
  node_id text,
  lease_until timestamptz,
  created_at timestamptz NOT NULL,
  started_at timestamptz,
  finished_at timestamptz,
  CONSTRAINT fk_graph_index_jobs_workspace FOREIGN KEY (project_id, workspace_id)
    REFERENCES workspaces (project_id, id) ON DELETE CASCADE,
  CONSTRAINT chk_graph_index_jobs_lease CHECK ((status = 'running') = (lease_until IS NOT NULL)),
  CONSTRAINT chk_graph_index_jobs_finished CHECK ((status IN ('completed', 'failed')) = (finished_at IS NOT NULL)),
  CONSTRAINT chk_graph_index_jobs_error CHECK ((status = 'failed') = (error IS NOT NULL))
);
CREATE INDEX idx_graph_index_jobs_project ON graph_index_jobs (project_id, created_at);
-- One at a time for each workspace.
CREATE UNIQUE INDEX uq_graph_index_jobs_open ON graph_index_jobs (project_id, workspace_id) WHERE status IN ('queued', 'running');

CREATE TABLE graph_indexed_files (
  project_id uuid NOT NULL,
  workspace_id uuid NOT NULL,
  path text COLLATE "C" NOT NULL,
  hash text NOT NULL,
  shape text NOT NULL,
  setup text NOT NULL,
  is_global boolean NOT NULL,
  imports text[] NOT NULL,
  PRIMARY KEY (project_id, workspace_id, path),
  CONSTRAINT fk_graph_indexed_files_workspace FOREIGN KEY (project_id, workspace_id)
    REFERENCES workspaces (project_id, id) ON DELETE CASCADE
);

-- Down Migration

DROP TABLE graph_indexed_files;
DROP TABLE graph_index_jobs;
