-- Sessions that work apart: each in a git work tree of its workspace's repository, which is a workspace of its own.

-- Up Migration

-- The workspace whose repository this one is a work tree of; null for every directory that a person named.
ALTER TABLE workspaces ADD COLUMN parent_id uuid,
  ADD CONSTRAINT chk_workspaces_parent CHECK (parent_id <> id),
  ADD CONSTRAINT fk_workspaces_parent FOREIGN KEY (project_id, parent_id)
    REFERENCES workspaces (project_id, id) ON DELETE CASCADE;

ALTER TABLE sessions
  ADD COLUMN isolation text NOT NULL DEFAULT 'shared' CONSTRAINT chk_sessions_isolation CHECK (isolation IN ('shared', 'worktree')),
  -- The workspace of its work tree, from its first start on.
  ADD COLUMN tree_workspace_id uuid,
  ADD CONSTRAINT chk_sessions_isolated CHECK (isolation = 'shared' OR (runtime IS NOT NULL AND workspace_id IS NOT NULL)),
  ADD CONSTRAINT chk_sessions_tree CHECK (tree_workspace_id IS NULL OR isolation = 'worktree'),
  ADD CONSTRAINT fk_sessions_tree FOREIGN KEY (project_id, tree_workspace_id) REFERENCES workspaces (project_id, id);
CREATE INDEX idx_sessions_tree ON sessions (tree_workspace_id) WHERE tree_workspace_id IS NOT NULL;

-- One row per session that ever had a tree; it outlives the session as long as the tree may still be there.
CREATE TABLE work_trees (
  id uuid PRIMARY KEY,
  project_id uuid NOT NULL,
  -- Null once the session is gone.
  session_id uuid,
  -- The workspace that the session was made for, and that of the tree.
  workspace_id uuid NOT NULL,
  tree_workspace_id uuid NOT NULL,
  -- Root of the user's work tree, and of the session's.
  repository text NOT NULL CONSTRAINT chk_work_trees_repository CHECK (repository LIKE '/%'),
  path text NOT NULL CONSTRAINT chk_work_trees_path CHECK (path LIKE '/%'),
  branch text NOT NULL CONSTRAINT chk_work_trees_branch CHECK (branch <> ''),
  -- The commit it began with.
  base text NOT NULL CONSTRAINT chk_work_trees_base CHECK (base ~ '^[0-9a-f]{40}([0-9a-f]{24})?$'),
  status text NOT NULL DEFAULT 'making' CONSTRAINT chk_work_trees_status CHECK (status IN (
    'making', 'ready', 'kept', 'merging', 'discarding', 'removing', 'merged', 'discarded', 'removed')),
  -- What its work came to in the user's repository.
  merged_commit text CONSTRAINT chk_work_trees_commit CHECK (merged_commit ~ '^[0-9a-f]{40}([0-9a-f]{24})?$'),
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT chk_work_trees_merged CHECK ((status = 'merged') = (merged_commit IS NOT NULL)),
  CONSTRAINT fk_work_trees_session FOREIGN KEY (project_id, session_id)
    REFERENCES sessions (project_id, id) ON DELETE SET NULL (session_id),
  CONSTRAINT fk_work_trees_workspace FOREIGN KEY (project_id, workspace_id)
    REFERENCES workspaces (project_id, id) ON DELETE CASCADE,
  CONSTRAINT fk_work_trees_own_workspace FOREIGN KEY (project_id, tree_workspace_id)
    REFERENCES workspaces (project_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX uq_work_trees_session ON work_trees (session_id) WHERE session_id IS NOT NULL;
CREATE INDEX idx_work_trees_created ON work_trees (project_id, created_at, id);
CREATE INDEX idx_work_trees_open ON work_trees (path) WHERE status NOT IN ('merged', 'discarded', 'removed');

-- Down Migration

DROP TABLE work_trees;
ALTER TABLE sessions DROP COLUMN tree_workspace_id, DROP COLUMN isolation;
ALTER TABLE workspaces DROP COLUMN parent_id;
