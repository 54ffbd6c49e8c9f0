-- What the queues did minute by minute, what was foretold of tasks, and tasks that come again and again.

-- Up Migration

-- Added up by each node in its memory and written once a second: a node that dies takes a second of figures along, no more.
CREATE TABLE task_activity (
  project_id uuid NOT NULL CONSTRAINT fk_task_activity_project REFERENCES projects ON DELETE CASCADE,
  minute timestamptz NOT NULL,
  queue text NOT NULL,
  type text NOT NULL,
  -- What happened: enqueued, claimed, or how an attempt ended.
  kind text NOT NULL CONSTRAINT chk_task_activity_kind CHECK (kind IN (
    'enqueued', 'claimed', 'completed', 'retried', 'failed', 'dead', 'cancelled', 'released', 'decomposed', 'lost')),
  count bigint NOT NULL,
  -- Sum of the durations in milliseconds, and of their squares; of ended attempts only.
  ms double precision NOT NULL,
  ms2 double precision NOT NULL,
  PRIMARY KEY (project_id, minute, queue, type, kind)
);
CREATE INDEX idx_task_activity_minute ON task_activity (minute);

-- What was first said of a task when somebody asked when it would be done, so that the foretelling can be measured itself.
CREATE TABLE task_eta_predictions (
  task_id uuid PRIMARY KEY,
  project_id uuid NOT NULL CONSTRAINT fk_task_eta_predictions_project REFERENCES projects ON DELETE CASCADE,
  type text NOT NULL,
  asked_at timestamptz NOT NULL DEFAULT now(),
  starts_at timestamptz NOT NULL,
  finishes_at timestamptz NOT NULL,
  error_seconds double precision NOT NULL
);
CREATE INDEX idx_task_eta_predictions_type ON task_eta_predictions (project_id, type, asked_at);

CREATE TABLE task_schedules (
  id uuid PRIMARY KEY,
  project_id uuid NOT NULL CONSTRAINT fk_task_schedules_project REFERENCES projects ON DELETE CASCADE,
  name text NOT NULL CONSTRAINT chk_task_schedules_name CHECK (name ~ '^[a-z0-9][a-z0-9_.-]{0,99}$'),
  cron text NOT NULL CONSTRAINT chk_task_schedules_cron CHECK (length(cron) BETWEEN 1 AND 200),
  -- IANA name, as Europe/Berlin.
  timezone text NOT NULL,
  -- What is enqueued each time.
  task jsonb NOT NULL CONSTRAINT chk_task_schedules_task CHECK (jsonb_typeof(task) = 'object'),
  enabled boolean NOT NULL DEFAULT true,
  catch_up text NOT NULL CONSTRAINT chk_task_schedules_catch_up CHECK (catch_up IN ('skip', 'once')),
  overlap text NOT NULL CONSTRAINT chk_task_schedules_overlap CHECK (overlap IN ('allow', 'skip')),
  -- Null while it is disabled, and once it will never come again.
  next_run_at timestamptz,
  -- The last time that was due and fired, and its task; the last one that was left out, and why.
  last_run_at timestamptz,
  last_task_id uuid,
  last_skipped_at timestamptz,
  last_skip_reason text,
  created_by text,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT uq_task_schedules_name UNIQUE (project_id, name),
  CONSTRAINT chk_task_schedules_next CHECK (enabled OR next_run_at IS NULL),
  CONSTRAINT chk_task_schedules_skip CHECK ((last_skipped_at IS NULL) = (last_skip_reason IS NULL))
);
CREATE INDEX idx_task_schedules_next ON task_schedules (next_run_at) WHERE next_run_at IS NOT NULL;

-- Down Migration

DROP TABLE task_schedules;
DROP TABLE task_eta_predictions;
DROP TABLE task_activity;
