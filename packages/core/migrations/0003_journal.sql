-- The append-only journal of sessions (SES-001…011, design.md §2, §4).

-- Up Migration

-- One narrow row per session: the sequence counter, and the fence that every fenced write is serialised with. Whoever
-- takes a run away (reaper, cancel) raises fencing_token here, so a stale append cannot commit after that.
CREATE TABLE journal_heads (
  session_id uuid PRIMARY KEY CONSTRAINT fk_journal_heads_session REFERENCES sessions ON DELETE CASCADE,
  project_id uuid NOT NULL,
  last_seq bigint NOT NULL DEFAULT 0,
  -- First sequence number still held (SES-042).
  first_seq bigint NOT NULL DEFAULT 1,
  fencing_token bigint,
  code_state text NOT NULL DEFAULT 'working'
    CONSTRAINT chk_journal_heads_state CHECK (code_state IN ('working', 'broken', 'coordinating', 'completed')),
  last_event_at timestamptz,
  -- When the session's lifetime ends; re-armed by each event to its ttl (SES-093). Null means never.
  expires_at timestamptz
);
CREATE INDEX idx_journal_heads_expires ON journal_heads (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE journal_events (
  session_id uuid NOT NULL CONSTRAINT fk_journal_events_session REFERENCES sessions ON DELETE CASCADE,
  seq bigint NOT NULL CONSTRAINT chk_journal_events_seq CHECK (seq >= 1),
  project_id uuid NOT NULL,
  -- Given by the writer: a retried append is recognised by it.
  event_id uuid NOT NULL,
  type text NOT NULL CONSTRAINT chk_journal_events_type CHECK (type IN (
    'start', 'modified', 'broke', 'checkpoint', 'handoff', 'test_pass',
    'message', 'output', 'tool_call', 'tool_result', 'file_change', 'permission', 'status', 'usage', 'error')),
  actor text NOT NULL,
  attempt integer NOT NULL,
  change_info jsonb,
  state_transition jsonb,
  impact jsonb,
  payload jsonb,
  -- Payloads over 64 KB stand apart.
  payload_digest bytea,
  payload_bytes integer NOT NULL DEFAULT 0,
  occurred_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (session_id, seq),
  CONSTRAINT uq_journal_events_event UNIQUE (session_id, event_id)
);
CREATE INDEX idx_journal_events_type ON journal_events (session_id, type, seq);
CREATE TRIGGER trg_journal_events_append_only BEFORE UPDATE OR DELETE ON journal_events FOR EACH ROW EXECUTE FUNCTION sb_append_only();

CREATE TABLE journal_payloads (
  session_id uuid NOT NULL CONSTRAINT fk_journal_payloads_session REFERENCES sessions ON DELETE CASCADE,
  digest bytea NOT NULL,
  body text NOT NULL,
  PRIMARY KEY (session_id, digest)
);
CREATE TRIGGER trg_journal_payloads_append_only BEFORE UPDATE OR DELETE ON journal_payloads FOR EACH ROW EXECUTE FUNCTION sb_append_only();

-- Down Migration

DROP TABLE journal_payloads;
DROP TABLE journal_events;
DROP TABLE journal_heads;
