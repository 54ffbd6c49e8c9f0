-- Undo: what was taken back, from which plan, and how it ended.

-- Up Migration

CREATE TABLE undo_operations (
  id uuid PRIMARY KEY,
  project_id uuid NOT NULL,
  workspace_id uuid NOT NULL,
  status text NOT NULL CONSTRAINT chk_undo_operations_status CHECK (status IN (
    'planned', 'waiting', 'applying', 'completed', 'failed', 'cancelled')),
  -- What to undo, and how conflicts and dependents are met, as asked.
  selection jsonb NOT NULL CONSTRAINT chk_undo_operations_selection CHECK (jsonb_typeof(selection) = 'object'),
  options jsonb NOT NULL CONSTRAINT chk_undo_operations_options CHECK (jsonb_typeof(options) = 'object'),
  -- Whether what it restores is committed to the user's repository as well.
  as_commit boolean NOT NULL DEFAULT false,
  -- The undo that this one takes back, where it is a redo.
  undoes uuid CONSTRAINT fk_undo_operations_undoes REFERENCES undo_operations ON DELETE SET NULL,
  -- SHA-256 of the plan, the trees between which it leads, and what it does with each path; null until it is made.
  plan_digest text CONSTRAINT chk_undo_operations_digest CHECK (plan_digest ~ '^[0-9a-f]{64}$'),
  current_tree text CONSTRAINT chk_undo_operations_current CHECK (current_tree ~ '^[0-9a-f]{40}([0-9a-f]{24})?$'),
  target_tree text CONSTRAINT chk_undo_operations_target CHECK (target_tree ~ '^[0-9a-f]{40}([0-9a-f]{24})?$'),
  -- Paths and their outcomes, conflicts, sessions, commits: all that a preview shows, but for the diffs.
  plan jsonb,
  -- Of a failed one: whether what it had written went back wholly. What was left alone, and why, is in `report`.
  restored text CONSTRAINT chk_undo_operations_restored CHECK (restored IN ('old', 'partial')),
  report jsonb,
  error jsonb,
  -- Sessions that were paused for it, and what became of each: one that is still `paused` once the undo has ended is to run again.
  paused jsonb NOT NULL DEFAULT '[]' CONSTRAINT chk_undo_operations_paused CHECK (jsonb_typeof(paused) = 'array'),
  -- The node and process that apply it; another that finds them gone puts back what they left.
  node_id text NOT NULL,
  process_id text NOT NULL,
  requested_by text NOT NULL,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  started_at timestamptz,
  finished_at timestamptz,
  CONSTRAINT uq_undo_operations_project UNIQUE (project_id, id),
  CONSTRAINT fk_undo_operations_workspace FOREIGN KEY (project_id, workspace_id)
    REFERENCES workspaces (project_id, id) ON DELETE CASCADE,
  CONSTRAINT chk_undo_operations_planned CHECK (status NOT IN ('applying', 'completed') OR plan_digest IS NOT NULL),
  CONSTRAINT chk_undo_operations_finished CHECK ((finished_at IS NOT NULL) = (status IN ('completed', 'failed', 'cancelled'))),
  CONSTRAINT chk_undo_operations_failed CHECK ((error IS NOT NULL) = (status = 'failed')),
  CONSTRAINT chk_undo_operations_went_back CHECK (restored IS NULL OR status = 'failed')
);
CREATE INDEX idx_undo_operations_project ON undo_operations (project_id, created_at, id);
CREATE INDEX idx_undo_operations_workspace ON undo_operations (workspace_id, created_at);
CREATE INDEX idx_undo_operations_undoes ON undo_operations (undoes) WHERE undoes IS NOT NULL;
CREATE INDEX idx_undo_operations_paused ON undo_operations (created_at) WHERE paused @> '[{"outcome": "paused"}]';
-- One at a time writes into a workspace.
CREATE UNIQUE INDEX uq_undo_operations_applying ON undo_operations (workspace_id) WHERE status = 'applying';

-- The only moves: forward, and none out of an end.
CREATE FUNCTION sb_undo_operation_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.status <> OLD.status AND NOT (OLD.status, NEW.status) IN (
    ('planned', 'waiting'), ('planned', 'failed'), ('planned', 'cancelled'), ('waiting', 'applying'),
    ('waiting', 'failed'), ('waiting', 'cancelled'), ('applying', 'completed'), ('applying', 'failed')) THEN
    RAISE EXCEPTION 'an undo cannot go from % to %', OLD.status, NEW.status
      USING ERRCODE = 'check_violation', CONSTRAINT = 'chk_undo_operations_move';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER trg_undo_operations_moves BEFORE UPDATE ON undo_operations FOR EACH ROW EXECUTE FUNCTION sb_undo_operation_moves();

-- The plan's writes, stored before the first of them: what must stand there, and what will. The contents are objects of the
-- workspace's private store, kept there by a reference until the undo has ended.
CREATE TABLE undo_writes (
  project_id uuid NOT NULL,
  undo_id uuid NOT NULL,
  -- In the order of writing.
  ordinal integer NOT NULL,
  path text NOT NULL,
  -- Null: there is nothing at the path. A directory has the mode 40000 and no object.
  expected_oid text,
  expected_mode text,
  target_oid text,
  target_mode text,
  -- How it ended: written (it holds the target), restored (it holds what was expected again), untouched, or foreign: it
  -- holds what neither was expected nor written by us, and was left alone.
  outcome text CONSTRAINT chk_undo_writes_outcome CHECK (outcome IN ('written', 'restored', 'untouched', 'foreign')),
  PRIMARY KEY (undo_id, ordinal),
  CONSTRAINT fk_undo_writes_undo FOREIGN KEY (project_id, undo_id) REFERENCES undo_operations (project_id, id) ON DELETE CASCADE,
  CONSTRAINT uq_undo_writes_path UNIQUE (undo_id, path),
  CONSTRAINT chk_undo_writes_expected CHECK (expected_mode IS NOT NULL OR expected_oid IS NULL),
  CONSTRAINT chk_undo_writes_target CHECK (target_mode IS NOT NULL OR target_oid IS NULL)
);

-- Down Migration

DROP TABLE undo_writes;
DROP TABLE undo_operations;
DROP FUNCTION sb_undo_operation_moves();
