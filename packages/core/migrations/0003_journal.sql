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
  session_id uuid NOT NULL,
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
  -- The event first: looked up by the event alone, this is the one index that serves (see sb_journal_append).
  CONSTRAINT uq_journal_events_event UNIQUE (event_id, session_id)
);
CREATE INDEX idx_journal_events_type ON journal_events (session_id, type, seq);
CREATE TRIGGER trg_journal_events_append_only BEFORE UPDATE OR DELETE ON journal_events FOR EACH ROW EXECUTE FUNCTION sb_append_only();

-- An event belongs to a journal and goes with it. Checked once per statement: a foreign key checks row by row, which halves
-- the rate of appends, and its lock on the session would meet those of whoever changes the session and then appends.
CREATE FUNCTION sb_journal_events_belong() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM added a WHERE NOT EXISTS (
      SELECT FROM journal_heads h WHERE h.session_id = a.session_id AND h.project_id = a.project_id AND h.last_seq >= a.seq)) THEN
    RAISE EXCEPTION 'journal events need an open journal that counts them' USING ERRCODE = '23503', CONSTRAINT = 'fk_journal_events_head';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER trg_journal_events_belong AFTER INSERT ON journal_events REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION sb_journal_events_belong();
CREATE FUNCTION sb_journal_events_go() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM journal_events WHERE session_id = OLD.session_id;
  RETURN NULL;
END $$;
CREATE TRIGGER trg_journal_heads_events_go AFTER DELETE ON journal_heads FOR EACH ROW EXECUTE FUNCTION sb_journal_events_go();

CREATE TABLE journal_payloads (
  session_id uuid NOT NULL CONSTRAINT fk_journal_payloads_head REFERENCES journal_heads ON DELETE CASCADE,
  digest bytea NOT NULL,
  body text NOT NULL,
  PRIMARY KEY (session_id, digest)
);
CREATE TRIGGER trg_journal_payloads_append_only BEFORE UPDATE OR DELETE ON journal_payloads FOR EACH ROW EXECUTE FUNCTION sb_append_only();

-- Appends the events of a whole batch of calls (design.md §4). Call n is element n of the first five arrays:
--   p_tokens    fencing token the caller holds, or null for callers without a claim
--   p_attempts  the attempt to record, or null for the session's own
--   p_rearm     whether the events renew the session's lifetime (SES-018)
-- p_events is [{c: call, i: index within the call, id, type, actor, change?, transition?, impact?, payload?, digest?, bytes, at}];
-- p_to… names the events with a transition, in order; p_body… the payloads that stand apart.
-- Returns a row per event, or one row per refused call with its problem: nothing of that call is written, and the other
-- calls of the batch are not disturbed.
--
-- Heads are locked in key order first, each in a statement before those that read: the later snapshots see whatever the
-- holders before us committed, so sequences have no gaps, a repeated event is recognised, and a raised fence is obeyed.
--
-- Events are looked up with IS NOT DISTINCT FROM on the session, which no index serves: plans are kept per connection, and one
-- made while the table was young read all events of the session for each new one until the table was analysed.
CREATE FUNCTION sb_journal_append(
  p_projects uuid[], p_sessions uuid[], p_tokens bigint[], p_attempts integer[], p_rearm boolean[], p_checkpoint boolean[],
  p_events jsonb,
  p_to_call integer[], p_to_index integer[], p_to_event uuid[], p_to_state text[], p_to_reopen boolean[],
  p_body_call integer[], p_body_digest bytea[], p_body_text text[],
  p_at timestamptz
) RETURNS TABLE (call integer, index integer, seq bigint, duplicate boolean, problem text) LANGUAGE plpgsql AS $$
DECLARE
  v_problems text[];
  v_from text[] := array_fill(NULL::text, ARRAY[cardinality(p_to_call)]);
  v_states jsonb := '{}';
  v_before jsonb;
  v_call integer := 0;
  v_state text;
  v_last jsonb;
BEGIN
  PERFORM FROM journal_heads h WHERE h.session_id = ANY (p_sessions) ORDER BY h.session_id FOR NO KEY UPDATE;
  IF false = ANY (p_checkpoint) THEN
    SELECT jsonb_object_agg(h.session_id, h.last_seq) INTO v_last FROM journal_heads h WHERE h.session_id = ANY (p_sessions);
  END IF;

  SELECT array_agg(CASE
      WHEN h.session_id IS NULL OR s.deleted_at IS NOT NULL THEN 'SESSION_NOT_FOUND'
      WHEN s.status = 'expired' OR h.expires_at <= p_at THEN 'SESSION_EXPIRED'
      WHEN c.token IS NOT NULL AND c.token IS DISTINCT FROM h.fencing_token THEN 'CLAIM_LOST'
    END ORDER BY c.n)
  INTO v_problems
  FROM unnest(p_projects, p_sessions, p_tokens) WITH ORDINALITY AS c (project_id, session_id, token, n)
  LEFT JOIN journal_heads h ON h.session_id = c.session_id AND h.project_id = c.project_id
  LEFT JOIN sessions s ON s.id = h.session_id;

  -- The code state, event by event: `from` is the state that was, and `completed` is left only by reopening (SES-065).
  FOR n IN 1 .. cardinality(p_to_call) LOOP
    IF p_to_call[n] <> v_call THEN
      v_call := p_to_call[n];
      v_before := v_states;
    END IF;
    CONTINUE WHEN v_problems[v_call] IS NOT NULL
      OR EXISTS (SELECT FROM journal_events e
        WHERE e.event_id = p_to_event[n] AND e.session_id IS NOT DISTINCT FROM p_sessions[v_call]);
    v_state := v_states ->> p_sessions[v_call]::text;
    IF v_state IS NULL THEN
      SELECT h.code_state INTO v_state FROM journal_heads h WHERE h.session_id = p_sessions[v_call];
    END IF;
    IF v_state = 'completed' AND p_to_state[n] <> 'completed' AND NOT p_to_reopen[n] THEN
      v_problems[v_call] := 'JOURNAL_CODE_STATE_COMPLETED';
      v_states := v_before;
      CONTINUE;
    END IF;
    v_from[n] := v_state;
    v_states := v_states || jsonb_build_object(p_sessions[v_call], p_to_state[n]);
  END LOOP;

  RETURN QUERY
  WITH given AS MATERIALIZED (
    SELECT e.*, p_sessions[e.c] AS session_id, p_projects[e.c] AS project_id
    FROM jsonb_to_recordset(p_events) AS e (
      c integer, i integer, id uuid, type text, actor text, change jsonb, transition jsonb, impact jsonb,
      payload jsonb, digest bytea, bytes integer, at timestamptz)
    WHERE v_problems[e.c] IS NULL
  ), known AS (
    SELECT g.c, g.i, j.seq FROM given g
    JOIN journal_events j ON j.event_id = g.id AND j.session_id IS NOT DISTINCT FROM g.session_id
  ), fresh AS MATERIALIZED (
    SELECT g.*, h.last_seq + row_number() OVER (PARTITION BY g.session_id ORDER BY g.c, g.i) AS seq
    FROM given g JOIN journal_heads h ON h.session_id = g.session_id
    WHERE NOT EXISTS (SELECT FROM known k WHERE k.c = g.c AND k.i = g.i)
  ), bodies AS (
    INSERT INTO journal_payloads (session_id, digest, body)
    SELECT DISTINCT ON (p_sessions[b.c], b.digest) p_sessions[b.c], b.digest, b.body
    FROM unnest(p_body_call, p_body_digest, p_body_text) AS b (c, digest, body) WHERE v_problems[b.c] IS NULL
    ON CONFLICT DO NOTHING
  ), written AS (
    INSERT INTO journal_events (session_id, seq, project_id, event_id, type, actor, attempt, change_info, state_transition,
      impact, payload, payload_digest, payload_bytes, occurred_at)
    SELECT f.session_id, f.seq, f.project_id, f.id, f.type, f.actor, coalesce(p_attempts[f.c], s.attempt), f.change,
      f.transition || jsonb_build_object('from', t.state), f.impact, f.payload, f.digest, f.bytes, f.at
    FROM fresh f JOIN sessions s ON s.id = f.session_id
    LEFT JOIN unnest(p_to_call, p_to_index, v_from) AS t (c, i, state) ON t.c = f.c AND t.i = f.i
  ), spans AS (
    SELECT f.session_id, f.project_id, min(f.seq) AS from_seq, max(f.seq) AS to_seq, bool_or(p_rearm[f.c]) AS rearm
    FROM fresh f GROUP BY f.session_id, f.project_id
  ), moved AS (
    UPDATE journal_heads h SET last_seq = x.to_seq, last_event_at = p_at,
      code_state = coalesce(v_states ->> h.session_id::text, h.code_state),
      expires_at = CASE WHEN x.rearm THEN p_at + make_interval(secs => s.ttl_seconds) ELSE h.expires_at END
    FROM spans x JOIN sessions s ON s.id = x.session_id WHERE h.session_id = x.session_id
  ), fed AS (
    INSERT INTO feed_entries (project_id, topic, payload)
    SELECT x.project_id, 'journal', jsonb_build_object('sessions', jsonb_agg(
      jsonb_build_object('sessionId', x.session_id, 'fromSeq', x.from_seq, 'toSeq', x.to_seq) ORDER BY x.session_id))
    FROM spans x GROUP BY x.project_id
  )
  SELECT f.c, f.i, f.seq, false, NULL::text FROM fresh f
  UNION ALL SELECT k.c, k.i, k.seq, true, NULL FROM known k
  UNION ALL SELECT p.n::integer, NULL, NULL, false, p.problem
    FROM unnest(v_problems) WITH ORDINALITY AS p (problem, n) WHERE p.problem IS NOT NULL;

  -- SES-018: of these no checkpoint is due, though they count. What was there before stays as it was.
  IF false = ANY (p_checkpoint) THEN
    DELETE FROM checkpoints_due d USING jsonb_to_recordset(p_events) AS g (c integer, id uuid), journal_events e
    WHERE NOT p_checkpoint[g.c] AND e.session_id = p_sessions[g.c] AND e.event_id = g.id
      AND e.seq > (v_last ->> e.session_id::text)::bigint AND d.session_id = e.session_id AND d.seq = e.seq;
  END IF;
END $$;

-- Down Migration

DROP FUNCTION sb_journal_append(uuid[], uuid[], bigint[], integer[], boolean[], boolean[], jsonb, integer[], integer[], uuid[], text[],
  boolean[], integer[], bytea[], text[], timestamptz);
DROP TABLE journal_payloads;
DROP TABLE journal_events;
DROP TABLE journal_heads;
DROP FUNCTION sb_journal_events_go();
DROP FUNCTION sb_journal_events_belong();
