-- Approvals: questions to people that hold a session, a task or one tool call until they are answered.

-- Up Migration

CREATE TABLE approvals (
  id uuid PRIMARY KEY,
  project_id uuid NOT NULL CONSTRAINT fk_approvals_project REFERENCES projects ON DELETE CASCADE,
  subject text NOT NULL CONSTRAINT chk_approvals_subject CHECK (subject IN ('tool_call', 'session', 'task')),
  session_id uuid,
  -- Without a foreign key: what was asked for a task outlives it, and finished tasks are deleted by the thousand.
  task_id uuid,
  tool text,
  call_id text,
  working_directory text,
  -- HMAC-SHA-256 over exactly what is asked for, before secrets were taken out of it; the key lies elsewhere.
  digest text NOT NULL CONSTRAINT chk_approvals_digest CHECK (digest ~ '^[0-9a-f]{64}$'),
  -- Both without secrets.
  summary text NOT NULL,
  arguments jsonb NOT NULL CONSTRAINT chk_approvals_arguments CHECK (jsonb_typeof(arguments) = 'object'),
  -- What an approver wrote in place of the arguments.
  edited_arguments jsonb CONSTRAINT chk_approvals_edited_arguments CHECK (jsonb_typeof(edited_arguments) = 'object'),
  edited_digest text CONSTRAINT chk_approvals_edited_digest CHECK (edited_digest ~ '^[0-9a-f]{64}$'),
  -- {policyId, version, ruleId, name} of the rule that asked.
  policy jsonb,
  why text,
  status text NOT NULL DEFAULT 'pending' CONSTRAINT chk_approvals_status CHECK (status IN (
    'pending', 'approved', 'rejected', 'expired', 'withdrawn')),
  quorum integer NOT NULL CONSTRAINT chk_approvals_quorum CHECK (quorum >= 1),
  -- Whoever has one of these roles, or one above it, may answer.
  roles text[] NOT NULL CONSTRAINT chk_approvals_roles CHECK (
    cardinality(roles) >= 1 AND roles <@ ARRAY['viewer', 'agent', 'approver', 'operator', 'admin']),
  requested_by text NOT NULL,
  -- Who may not answer: the requester, and the creator of the session.
  barred text[] NOT NULL,
  requested_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  remind_at timestamptz,
  reminded_at timestamptz,
  escalate_at timestamptz,
  escalate_to text[] NOT NULL CONSTRAINT chk_approvals_escalate_to CHECK (
    escalate_to <@ ARRAY['viewer', 'agent', 'approver', 'operator', 'admin']),
  escalated_at timestamptz,
  decided_by text,
  decided_at timestamptz,
  reason text,
  used_at timestamptz,
  version integer NOT NULL DEFAULT 1,
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT uq_approvals_project UNIQUE (project_id, id),
  CONSTRAINT fk_approvals_session FOREIGN KEY (project_id, session_id)
    REFERENCES sessions (project_id, id) ON DELETE CASCADE,
  CONSTRAINT chk_approvals_about CHECK (CASE subject
    WHEN 'tool_call' THEN session_id IS NOT NULL AND tool IS NOT NULL
    WHEN 'session' THEN session_id IS NOT NULL
    ELSE task_id IS NOT NULL END),
  CONSTRAINT chk_approvals_expires CHECK (expires_at > requested_at),
  CONSTRAINT chk_approvals_decided CHECK ((status = 'pending') = (decided_at IS NULL) AND (decided_at IS NULL) = (decided_by IS NULL)),
  CONSTRAINT chk_approvals_edited CHECK (
    (edited_arguments IS NULL) = (edited_digest IS NULL) AND (edited_digest IS NULL OR status = 'approved')),
  CONSTRAINT chk_approvals_used CHECK (used_at IS NULL OR status = 'approved')
);
-- The same question is asked once at a time.
CREATE UNIQUE INDEX uq_approvals_pending ON approvals (project_id, digest) WHERE status = 'pending';
CREATE INDEX idx_approvals_requested ON approvals (project_id, requested_at, id);
CREATE INDEX idx_approvals_session ON approvals (session_id) WHERE session_id IS NOT NULL;
CREATE INDEX idx_approvals_task ON approvals (task_id) WHERE task_id IS NOT NULL;
CREATE INDEX idx_approvals_due ON approvals (least(expires_at, remind_at, escalate_at)) WHERE status = 'pending';

-- What was asked does not change, what was decided is not decided again, and what was used is not used again.
CREATE FUNCTION sb_approval_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (OLD.project_id, OLD.subject, OLD.session_id, OLD.task_id, OLD.tool, OLD.working_directory, OLD.digest, OLD.arguments,
      OLD.quorum, OLD.requested_by, OLD.barred, OLD.requested_at)
     IS DISTINCT FROM
     (NEW.project_id, NEW.subject, NEW.session_id, NEW.task_id, NEW.tool, NEW.working_directory, NEW.digest, NEW.arguments,
      NEW.quorum, NEW.requested_by, NEW.barred, NEW.requested_at) THEN
    RAISE EXCEPTION 'what approval % was asked for cannot change', OLD.id USING ERRCODE = 'check_violation';
  END IF;
  IF OLD.status <> 'pending' AND (OLD.status, OLD.decided_by, OLD.decided_at, OLD.reason, OLD.edited_digest, OLD.edited_arguments)
     IS DISTINCT FROM (NEW.status, NEW.decided_by, NEW.decided_at, NEW.reason, NEW.edited_digest, NEW.edited_arguments) THEN
    RAISE EXCEPTION 'approval % is % already', OLD.id, OLD.status USING ERRCODE = 'check_violation';
  END IF;
  IF OLD.used_at IS NOT NULL THEN
    RAISE EXCEPTION 'approval % was used already', OLD.id USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER trg_approvals_insert_version BEFORE INSERT ON approvals FOR EACH ROW EXECUTE FUNCTION sb_insert_version();
CREATE TRIGGER trg_approvals_change BEFORE UPDATE ON approvals FOR EACH ROW EXECUTE FUNCTION sb_approval_change();
CREATE TRIGGER trg_approvals_version BEFORE UPDATE ON approvals FOR EACH ROW EXECUTE FUNCTION sb_enforce_version();

-- One answer of each person.
CREATE TABLE approval_votes (
  approval_id uuid NOT NULL,
  project_id uuid NOT NULL,
  actor text NOT NULL,
  verdict text NOT NULL CONSTRAINT chk_approval_votes_verdict CHECK (verdict IN ('approve', 'reject')),
  reason text,
  at timestamptz NOT NULL,
  PRIMARY KEY (approval_id, actor),
  CONSTRAINT fk_approval_votes_approval FOREIGN KEY (project_id, approval_id)
    REFERENCES approvals (project_id, id) ON DELETE CASCADE
);

CREATE TABLE approval_comments (
  id uuid PRIMARY KEY,
  approval_id uuid NOT NULL,
  project_id uuid NOT NULL,
  actor text NOT NULL,
  text text NOT NULL CONSTRAINT chk_approval_comments_text CHECK (length(text) BETWEEN 1 AND 10000),
  at timestamptz NOT NULL,
  CONSTRAINT fk_approval_comments_approval FOREIGN KEY (project_id, approval_id)
    REFERENCES approvals (project_id, id) ON DELETE CASCADE
);
CREATE INDEX idx_approval_comments_approval ON approval_comments (approval_id, id);

-- Sessions that are paused only because one of their calls waits for people: the answer ends that pause, and no other. It
-- stays where the run ends meanwhile (orphaned): then the answer starts the next attempt.
CREATE TABLE session_holds (
  session_id uuid PRIMARY KEY,
  project_id uuid NOT NULL,
  since timestamptz NOT NULL,
  CONSTRAINT fk_session_holds_session FOREIGN KEY (project_id, session_id)
    REFERENCES sessions (project_id, id) ON DELETE CASCADE
);

-- Takes a task that nobody has claimed out of the queue until people have answered. Answers whether it could.
CREATE FUNCTION sb_tasks_hold_back(p_project uuid, p_task uuid) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  -- The ready row before the task, as claims take them: without one it is claimed, or on its way to somebody.
  DELETE FROM task_ready r USING tasks t WHERE t.id = p_task AND t.project_id = p_project AND t.status = 'queued' AND r.queue = t.queue
    AND r.project_id = t.project_id AND r.priority = t.priority AND r.run_at = t.run_at AND r.task_id = t.id;
  IF NOT FOUND THEN RETURN false; END IF;
  UPDATE tasks t SET status = 'held', version = t.version + 1, updated_at = now()
    WHERE t.id = p_task AND t.project_id = p_project AND t.status = 'queued';
  PERFORM sb_tasks_feed(ARRAY[p_project], ARRAY[p_task], ARRAY['held']);
  RETURN true;
END $$;

-- Puts it back. Answers its queue; null where it was not held.
CREATE FUNCTION sb_tasks_let_go(p_project uuid, p_task uuid) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  v_queue text;
BEGIN
  UPDATE tasks t SET status = 'queued', version = t.version + 1, updated_at = now()
    WHERE t.id = p_task AND t.project_id = p_project AND t.status = 'held' RETURNING t.queue INTO v_queue;
  IF v_queue IS NULL THEN RETURN NULL; END IF;
  PERFORM sb_tasks_follow(ARRAY[p_task]);
  PERFORM sb_tasks_feed(ARRAY[p_project], ARRAY[p_task], ARRAY['queued']);
  RETURN v_queue;
END $$;

-- Down Migration

DROP FUNCTION sb_tasks_let_go(uuid, uuid);
DROP FUNCTION sb_tasks_hold_back(uuid, uuid);
DROP TABLE session_holds;
DROP TABLE approval_comments;
DROP TABLE approval_votes;
DROP TABLE approvals;
DROP FUNCTION sb_approval_change();
