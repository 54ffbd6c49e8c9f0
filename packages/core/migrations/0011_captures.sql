-- Captures of workspaces in one serial chain each, the windows in which agents may write, and what changed by whose hand.

-- Up Migration

-- The head of each workspace's chain. Whatever appends to a chain holds this row: captures of one workspace get their
-- positions one after the other, across sessions and processes.
CREATE TABLE capture_chains (
  workspace_id uuid PRIMARY KEY,
  project_id uuid NOT NULL,
  -- Of the newest capture; 0 while there is none.
  position integer NOT NULL DEFAULT 0 CONSTRAINT chk_capture_chains_position CHECK (position >= 0),
  -- Who is to have the files alone, so that no window opens meanwhile; it is forgotten when it does not renew that.
  held_by uuid,
  held_until timestamptz,
  -- Whether it has them: the windows that were open are closed, and only its own steps are made.
  held_alone boolean NOT NULL DEFAULT false,
  CONSTRAINT chk_capture_chains_held CHECK ((held_by IS NULL) = (held_until IS NULL)),
  CONSTRAINT fk_capture_chains_workspace FOREIGN KEY (project_id, workspace_id)
    REFERENCES workspaces (project_id, id) ON DELETE CASCADE
);

CREATE TABLE workspace_captures (
  id uuid PRIMARY KEY,
  project_id uuid NOT NULL,
  workspace_id uuid NOT NULL,
  position integer NOT NULL CONSTRAINT chk_workspace_captures_position CHECK (position >= 1),
  tree_id text NOT NULL CONSTRAINT chk_workspace_captures_tree CHECK (tree_id ~ '^[0-9a-f]{40,64}$'),
  files integer NOT NULL CONSTRAINT chk_workspace_captures_files CHECK (files >= 0),
  bytes bigint NOT NULL CONSTRAINT chk_workspace_captures_bytes CHECK (bytes >= 0),
  -- Of the user's own repository; null where there is none. Commit, name of the branch, digest of the index, newest stash,
  -- and the operation that is under way (merge, rebase, ...).
  head text,
  branch text,
  index_hash text,
  stash text,
  operation text,
  unreadable jsonb NOT NULL DEFAULT '[]' CONSTRAINT chk_workspace_captures_unreadable CHECK (jsonb_typeof(unreadable) = 'array'),
  empty_directories jsonb NOT NULL DEFAULT '[]' CONSTRAINT chk_workspace_captures_empty CHECK (jsonb_typeof(empty_directories) = 'array'),
  reason text NOT NULL CONSTRAINT chk_workspace_captures_reason CHECK (reason IN (
    'session_start', 'tool_before', 'tool_after', 'checkpoint', 'session_end', 'request', 'undo', 'look')),
  -- The session it was taken for; null where it was not taken for one.
  session_id uuid,
  -- When its files were given up to keep the store small; its changes stay, without their contents.
  pruned_at timestamptz,
  taken_at timestamptz NOT NULL,
  CONSTRAINT uq_workspace_captures_position UNIQUE (workspace_id, position),
  CONSTRAINT fk_workspace_captures_workspace FOREIGN KEY (project_id, workspace_id)
    REFERENCES workspaces (project_id, id) ON DELETE CASCADE,
  CONSTRAINT fk_workspace_captures_session FOREIGN KEY (project_id, session_id)
    REFERENCES sessions (project_id, id) ON DELETE SET NULL (session_id)
);
CREATE INDEX idx_workspace_captures_session ON workspace_captures (session_id) WHERE session_id IS NOT NULL;
CREATE INDEX idx_workspace_captures_taken ON workspace_captures (project_id, taken_at, id);
CREATE INDEX idx_workspace_captures_kept ON workspace_captures (workspace_id, taken_at) WHERE pruned_at IS NULL;

-- Times in which a session may write: a tool call, or a whole run that reports none.
CREATE TABLE change_windows (
  id uuid PRIMARY KEY,
  project_id uuid NOT NULL,
  workspace_id uuid NOT NULL,
  session_id uuid NOT NULL,
  call_id text,
  tool text,
  actor text NOT NULL,
  attempt integer NOT NULL,
  -- What the call says it writes, with the content it should lead to: [{path, oid: string | null}]; oid is null where that
  -- cannot be told. Null: it may write anything.
  expected jsonb CONSTRAINT chk_change_windows_expected CHECK (expected IS NULL OR jsonb_typeof(expected) = 'array'),
  -- It was open in the intervals after `opened`, up to and including `closed`.
  opened integer NOT NULL,
  closed integer CONSTRAINT chk_change_windows_closed CHECK (closed >= opened),
  opened_at timestamptz NOT NULL,
  closed_at timestamptz,
  CONSTRAINT chk_change_windows_closed_at CHECK ((closed IS NULL) = (closed_at IS NULL)),
  CONSTRAINT fk_change_windows_workspace FOREIGN KEY (project_id, workspace_id)
    REFERENCES workspaces (project_id, id) ON DELETE CASCADE,
  CONSTRAINT fk_change_windows_session FOREIGN KEY (project_id, session_id)
    REFERENCES sessions (project_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX uq_change_windows_call ON change_windows (session_id, coalesce(call_id, '')) WHERE closed IS NULL;
CREATE INDEX idx_change_windows_open ON change_windows (workspace_id) WHERE closed IS NULL;

-- One path between two neighbouring captures: what became of it, and by whose hand.
CREATE TABLE workspace_changes (
  id uuid PRIMARY KEY,
  project_id uuid NOT NULL,
  workspace_id uuid NOT NULL,
  -- The interval: from the capture before this position to the one at it.
  position integer NOT NULL,
  path text NOT NULL,
  operation text NOT NULL CONSTRAINT chk_workspace_changes_operation CHECK (operation IN ('added', 'modified', 'deleted', 'renamed', 'mode')),
  old_path text,
  before_oid text,
  after_oid text,
  before_mode text,
  after_mode text,
  "binary" boolean NOT NULL,
  additions integer NOT NULL CONSTRAINT chk_workspace_changes_additions CHECK (additions >= 0),
  deletions integer NOT NULL CONSTRAINT chk_workspace_changes_deletions CHECK (deletions >= 0),
  before_tree text NOT NULL,
  after_tree text NOT NULL,
  attribution text NOT NULL CONSTRAINT chk_workspace_changes_attribution CHECK (attribution IN (
    'tool_call', 'window', 'external', 'ambiguous', 'vcs', 'undo')),
  session_id uuid,
  call_id text,
  tool text,
  actor text,
  attempt integer,
  -- The undo that made it.
  undo_id uuid,
  -- Where it is ambiguous, whose it may be: [{sessionId, callId, tool}].
  candidates jsonb NOT NULL DEFAULT '[]' CONSTRAINT chk_workspace_changes_candidates CHECK (jsonb_typeof(candidates) = 'array'),
  occurred_at timestamptz NOT NULL,
  CONSTRAINT uq_workspace_changes_path UNIQUE (workspace_id, position, path),
  CONSTRAINT chk_workspace_changes_renamed CHECK ((operation = 'renamed') = (old_path IS NOT NULL)),
  CONSTRAINT chk_workspace_changes_ambiguous CHECK ((attribution = 'ambiguous') = (jsonb_array_length(candidates) > 0)),
  CONSTRAINT chk_workspace_changes_undo CHECK ((attribution = 'undo') = (undo_id IS NOT NULL)),
  CONSTRAINT chk_workspace_changes_nobody CHECK (attribution NOT IN ('external', 'ambiguous') OR session_id IS NULL),
  CONSTRAINT fk_workspace_changes_workspace FOREIGN KEY (project_id, workspace_id)
    REFERENCES workspaces (project_id, id) ON DELETE CASCADE,
  CONSTRAINT fk_workspace_changes_session FOREIGN KEY (project_id, session_id)
    REFERENCES sessions (project_id, id) ON DELETE SET NULL (session_id)
);
CREATE INDEX idx_workspace_changes_session ON workspace_changes (session_id, position) WHERE session_id IS NOT NULL;
CREATE INDEX idx_workspace_changes_path ON workspace_changes (workspace_id, path, position);
CREATE INDEX idx_workspace_changes_old_path ON workspace_changes (workspace_id, old_path) WHERE old_path IS NOT NULL;
CREATE INDEX idx_workspace_changes_occurred ON workspace_changes (project_id, occurred_at, id);
CREATE INDEX idx_workspace_changes_undo ON workspace_changes (undo_id) WHERE undo_id IS NOT NULL;

-- Down Migration

DROP TABLE workspace_changes;
DROP TABLE change_windows;
DROP TABLE workspace_captures;
DROP TABLE capture_chains;
