-- Checkpoints by themselves, what they leave behind, and the record of a session: states at any event, and recordings
-- (SES-095…106, REPLAY-001…054).

-- Up Migration

-- How the session takes checkpoints by itself; what is left out is as its project or the program says.
ALTER TABLE sessions ADD COLUMN checkpoint_policy jsonb
  CONSTRAINT chk_sessions_checkpoint_policy CHECK (jsonb_typeof(checkpoint_policy) = 'object');

-- What a journal began with: members and metadata given at the creation, or the state it was restored with. No row: nothing.
CREATE TABLE journal_origins (
  session_id uuid PRIMARY KEY CONSTRAINT fk_journal_origins_head REFERENCES journal_heads ON DELETE CASCADE,
  project_id uuid NOT NULL,
  agent_ids jsonb NOT NULL CONSTRAINT chk_journal_origins_agents CHECK (jsonb_typeof(agent_ids) = 'array'),
  metadata jsonb NOT NULL CONSTRAINT chk_journal_origins_metadata CHECK (jsonb_typeof(metadata) = 'object'),
  code_state text NOT NULL DEFAULT 'working'
    CONSTRAINT chk_journal_origins_state CHECK (code_state IN ('working', 'broken', 'coordinating', 'completed'))
);
CREATE TRIGGER trg_journal_origins_append_only BEFORE UPDATE OR DELETE ON journal_origins FOR EACH ROW EXECUTE FUNCTION sb_append_only();
-- Journals from before begin with those members that no event tells of, and with the metadata as it stands.
INSERT INTO journal_origins (session_id, project_id, agent_ids, metadata)
SELECT s.id, s.project_id, coalesce(a.names, '[]'), s.metadata
FROM sessions s JOIN journal_heads h ON h.session_id = s.id LEFT JOIN LATERAL (
  SELECT jsonb_agg(m.agent ORDER BY m.ordinal) AS names FROM session_agents m
  WHERE m.session_id = s.id AND NOT EXISTS (SELECT FROM journal_events e WHERE e.session_id = s.id AND e.type = 'handoff'
    AND e.payload ->> 'agent' = m.agent AND e.payload ->> 'direction' = 'joined')
) a ON true WHERE a.names IS NOT NULL OR s.metadata <> '{}';

-- States folded so far, at round places: a state in between is folded from the nearest one below. Derived, so they may go.
CREATE TABLE journal_snapshots (
  session_id uuid NOT NULL CONSTRAINT fk_journal_snapshots_head REFERENCES journal_heads ON DELETE CASCADE,
  seq bigint NOT NULL,
  project_id uuid NOT NULL,
  state jsonb NOT NULL,
  PRIMARY KEY (session_id, seq)
);

-- Places of journals at which a checkpoint is to be taken, until somebody has taken it.
CREATE TABLE checkpoints_due (
  session_id uuid NOT NULL CONSTRAINT fk_checkpoints_due_session REFERENCES sessions ON DELETE CASCADE,
  seq bigint NOT NULL,
  project_id uuid NOT NULL,
  reason text NOT NULL CONSTRAINT chk_checkpoints_due_reason CHECK (reason IN ('interval', 'event', 'transition')),
  PRIMARY KEY (session_id, seq)
);

-- Events of work so far, of the sessions that count them.
CREATE TABLE checkpoint_counters (
  session_id uuid PRIMARY KEY CONSTRAINT fk_checkpoint_counters_session REFERENCES sessions ON DELETE CASCADE,
  project_id uuid NOT NULL,
  events bigint NOT NULL
);

-- SES-095: after each `interval` events, at each event of type `checkpoint`, and where the session's status says that its work
-- pauses or ends. Counted are events that say what became of the work: the seed's types, and changes of files. What an agent
-- says, prints and asks its tools goes into the thousands and would bury the places worth going back to.
CREATE FUNCTION sb_checkpoints_due() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM added a WHERE a.type IN ('start', 'modified', 'broke', 'checkpoint', 'handoff', 'test_pass', 'file_change', 'status')) THEN
    RETURN NULL;
  END IF;
  WITH work AS (
    SELECT a.session_id, a.seq, a.type, row_number() OVER (PARTITION BY a.session_id ORDER BY a.seq) AS n
    FROM added a WHERE a.type IN ('start', 'modified', 'broke', 'checkpoint', 'handoff', 'test_pass', 'file_change')
  ), counted AS (
    INSERT INTO checkpoint_counters AS c (session_id, project_id, events)
    SELECT w.session_id, s.project_id, count(*) FROM work w JOIN sessions s ON s.id = w.session_id GROUP BY 1, 2
    ON CONFLICT (session_id) DO UPDATE SET events = c.events + excluded.events
    RETURNING c.session_id, c.events
  ), spans AS (
    SELECT k.session_id, k.events - count(*) AS before FROM counted k JOIN work w ON w.session_id = k.session_id GROUP BY k.session_id, k.events
  ), policies AS (
    SELECT s.id AS session_id,
      CASE WHEN s.checkpoint_policy ? 'interval' THEN s.checkpoint_policy -> 'interval'
        WHEN p.settings -> 'checkpoints' ? 'interval' THEN p.settings -> 'checkpoints' -> 'interval' ELSE '10' END AS every
    FROM spans x JOIN sessions s ON s.id = x.session_id JOIN projects p ON p.id = s.project_id
  )
  INSERT INTO checkpoints_due (session_id, seq, project_id, reason)
  SELECT w.session_id, w.seq, s.project_id, CASE WHEN w.type = 'checkpoint' THEN 'event' ELSE 'interval' END
  FROM work w JOIN spans x ON x.session_id = w.session_id JOIN policies y ON y.session_id = w.session_id
  JOIN sessions s ON s.id = w.session_id
  WHERE w.type = 'checkpoint'
    OR CASE WHEN y.every::text ~ '^[1-9][0-9]{0,8}$' THEN (x.before + w.n) % y.every::text::bigint = 0 ELSE false END
  UNION ALL
  SELECT a.session_id, a.seq, a.project_id, 'transition' FROM added a
  WHERE a.type = 'status' AND a.payload ->> 'to' IN ('paused', 'degraded', 'completed', 'partially_completed', 'failed', 'timeout',
    'stopped', 'cancelled', 'orphaned');
  RETURN NULL;
END $$;
CREATE TRIGGER trg_journal_events_checkpoints AFTER INSERT ON journal_events REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION sb_checkpoints_due();

-- What a checkpoint holds stands among the contents, stored by its digest: `data` is that of checkpoints from before. The detail
-- is what the events before it came to (SES-101), the capture of the workspace, and the runtime's own session and message.
ALTER TABLE session_checkpoints
  ALTER COLUMN data DROP NOT NULL,
  ADD COLUMN reason text NOT NULL DEFAULT 'request'
    CONSTRAINT chk_checkpoints_reason CHECK (reason IN ('request', 'interval', 'event', 'transition', 'run_end')),
  ADD COLUMN data_digest bytea,
  ADD COLUMN detail_digest bytea,
  ADD CONSTRAINT chk_checkpoints_data CHECK ((data IS NULL) = (data_digest IS NOT NULL)),
  ADD CONSTRAINT fk_checkpoints_data FOREIGN KEY (project_id, data_digest) REFERENCES content_blobs,
  ADD CONSTRAINT fk_checkpoints_detail FOREIGN KEY (project_id, detail_digest) REFERENCES content_blobs;
CREATE INDEX idx_checkpoints_data ON session_checkpoints (project_id, data_digest);
CREATE INDEX idx_checkpoints_detail ON session_checkpoints (project_id, detail_digest);

-- SES-102: the last five checkpoints that touched an entity, the newest last. Kept here until there is a graph to keep them.
CREATE TABLE session_anchors (
  project_id uuid NOT NULL CONSTRAINT fk_session_anchors_project REFERENCES projects ON DELETE CASCADE,
  entity_id text NOT NULL,
  anchors jsonb NOT NULL CONSTRAINT chk_session_anchors CHECK (jsonb_typeof(anchors) = 'array' AND jsonb_array_length(anchors) BETWEEN 1 AND 5),
  PRIMARY KEY (project_id, entity_id)
);
-- Checkpoints whose anchors could not be kept, until they are.
CREATE TABLE anchors_due (
  checkpoint_id uuid PRIMARY KEY CONSTRAINT fk_anchors_due_checkpoint REFERENCES session_checkpoints ON DELETE CASCADE,
  project_id uuid NOT NULL,
  session_id uuid NOT NULL,
  failures integer NOT NULL DEFAULT 1,
  last_error text NOT NULL,
  last_tried_at timestamptz NOT NULL
);

-- SES-103. The events are those of the journal up to `journal_seq`: append-only, and gone with the session like this.
CREATE TABLE failure_snapshots (
  id uuid PRIMARY KEY,
  project_id uuid NOT NULL,
  session_id uuid NOT NULL CONSTRAINT fk_failure_snapshots_session REFERENCES sessions ON DELETE CASCADE,
  checkpoint_id uuid NOT NULL CONSTRAINT uq_failure_snapshots_checkpoint UNIQUE
    CONSTRAINT fk_failure_snapshots_checkpoint REFERENCES session_checkpoints ON DELETE CASCADE,
  outcome text NOT NULL CONSTRAINT chk_failure_snapshots_outcome CHECK (outcome IN ('working', 'broken', 'coordinated', 'completed')),
  agent_ids jsonb NOT NULL,
  journal_seq bigint NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE INDEX idx_failure_snapshots_project ON failure_snapshots (project_id, created_at);
CREATE INDEX idx_failure_snapshots_session ON failure_snapshots (session_id);

-- Recordings stand by themselves: they outlive their session (REPLAY-019), so nothing here refers to it.
CREATE TABLE recordings (
  id uuid PRIMARY KEY,
  project_id uuid NOT NULL CONSTRAINT fk_recordings_project REFERENCES projects ON DELETE CASCADE,
  session_id uuid NOT NULL,
  title text NOT NULL,
  status text NOT NULL CONSTRAINT chk_recordings_status CHECK (status IN ('recording', 'completed', 'interrupted')),
  -- Why it ended: stopped, max_duration, session_gone, shutdown, interrupted; made: from the journal afterwards; imported.
  reason text,
  settings jsonb NOT NULL,
  -- The event before the first recorded one, and the last recorded one.
  base_seq bigint NOT NULL,
  last_seq bigint NOT NULL,
  started_at timestamptz NOT NULL,
  ended_at timestamptz,
  -- The process that records, and until when it is believed to be alive.
  recorder uuid,
  lease_until timestamptz,
  -- Of the last snapshot frame.
  snapshot_seq bigint NOT NULL,
  snapshot_at timestamptz NOT NULL,
  event_frames integer NOT NULL,
  snapshot_frames integer NOT NULL,
  raw_bytes bigint NOT NULL,
  stored_bytes bigint NOT NULL,
  -- Hash of the last frame; each frame holds that of the one before it.
  head bytea NOT NULL,
  validation text NOT NULL CONSTRAINT chk_recordings_validation CHECK (validation IN ('passed', 'failed', 'not-run')),
  findings jsonb NOT NULL DEFAULT '[]',
  created_by text,
  CONSTRAINT chk_recordings_ended CHECK ((status = 'recording') = (ended_at IS NULL) AND (status = 'recording') = (recorder IS NOT NULL))
);
-- A second start is refused while one is under way (REPLAY-010).
CREATE UNIQUE INDEX uq_recordings_session ON recordings (session_id) WHERE status = 'recording';
CREATE INDEX idx_recordings_project ON recordings (project_id, started_at, id);

CREATE TABLE recording_frames (
  recording_id uuid NOT NULL CONSTRAINT fk_recording_frames_recording REFERENCES recordings ON DELETE CASCADE,
  -- A snapshot comes right after the event it follows (REPLAY-013).
  seq bigint NOT NULL,
  kind text NOT NULL CONSTRAINT chk_recording_frames_kind CHECK (kind IN ('event', 'snapshot')),
  type text,
  actor text,
  encoding text NOT NULL CONSTRAINT chk_recording_frames_encoding CHECK (encoding IN ('json', 'deflate')),
  body bytea NOT NULL,
  raw_bytes integer NOT NULL,
  -- SHA-256 over the previous frame's hash and this frame's canonical JSON.
  hash bytea NOT NULL,
  PRIMARY KEY (recording_id, seq, kind)
);

-- Down Migration

DROP TABLE recording_frames;
DROP TABLE recordings;
DROP TABLE failure_snapshots;
DROP TABLE anchors_due;
DROP TABLE session_anchors;
-- What stands among the contents cannot go back into the rows: they keep their numbers and times.
ALTER TABLE session_checkpoints DISABLE TRIGGER trg_checkpoints_append_only;
ALTER TABLE session_checkpoints DROP CONSTRAINT chk_checkpoints_data;
UPDATE session_checkpoints SET data = 'null' WHERE data IS NULL;
ALTER TABLE session_checkpoints ENABLE TRIGGER trg_checkpoints_append_only;
ALTER TABLE session_checkpoints ALTER COLUMN data SET NOT NULL, DROP COLUMN reason, DROP COLUMN data_digest, DROP COLUMN detail_digest;
DROP TRIGGER trg_journal_events_checkpoints ON journal_events;
DROP FUNCTION sb_checkpoints_due();
DROP TABLE checkpoint_counters;
DROP TABLE checkpoints_due;
DROP TABLE journal_snapshots;
DROP TABLE journal_origins;
ALTER TABLE sessions DROP COLUMN checkpoint_policy;
