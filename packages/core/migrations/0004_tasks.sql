-- Queued work (design.md §4): the tasks themselves, the narrow set of those that are ready, and the verbs on them as
-- set-based statements.

-- Up Migration

-- A queue has a row only once somebody has set something about it; without one it has no limits and is open.
CREATE TABLE task_queues (
  project_id uuid NOT NULL CONSTRAINT fk_task_queues_project REFERENCES projects ON DELETE CASCADE,
  name text NOT NULL CONSTRAINT chk_task_queues_name CHECK (name ~ '^[a-z0-9][a-z0-9_.-]{0,99}$'),
  -- Nothing is claimed while paused; nothing is enqueued while draining.
  paused boolean NOT NULL DEFAULT false,
  draining boolean NOT NULL DEFAULT false,
  -- Most live claims of the queue, and of the tasks of it that share a concurrency key.
  max_concurrent integer CONSTRAINT chk_task_queues_concurrent CHECK (max_concurrent >= 1),
  max_concurrent_per_key integer CONSTRAINT chk_task_queues_per_key CHECK (max_concurrent_per_key >= 1),
  -- At most rate_limit claims in any rate_seconds: a bucket that refills steadily.
  rate_limit integer CONSTRAINT chk_task_queues_rate CHECK (rate_limit >= 1),
  rate_seconds double precision CONSTRAINT chk_task_queues_rate_seconds CHECK (rate_seconds > 0),
  rate_tokens double precision NOT NULL DEFAULT 0,
  rate_at timestamptz NOT NULL DEFAULT 'epoch',
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (project_id, name),
  CONSTRAINT chk_task_queues_rate_pair CHECK ((rate_limit IS NULL) = (rate_seconds IS NULL))
);

-- No index of this table may name a column that a claim or an ending changes: only so are those updates heap-only (measured:
-- 100,000 tasks a second claimed and completed against 8,000 with partial indexes on the status). More than half of
-- each page is left for them, since an ending makes the row longer (measured with half: one update in nine found no room).
-- What every update reads or writes comes first, of fixed width what can be: it is found without walking over the rest. What
-- updates leave alone comes last, so that it is not logged again.
CREATE TABLE tasks (
  id uuid PRIMARY KEY,
  project_id uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  -- Lower is more urgent, as for sessions (ORC-009); within one priority by arrival, which is when it became due.
  run_at timestamptz NOT NULL DEFAULT now(),
  priority smallint NOT NULL DEFAULT 2,
  -- Whether the claim takes a place under its queue's limits.
  slotted boolean NOT NULL DEFAULT false,
  has_dependents boolean NOT NULL DEFAULT false,
  max_attempts integer NOT NULL DEFAULT 4,
  -- How often it was claimed, and how many of those attempts failed or were lost; only these count against the maximum.
  attempt integer NOT NULL DEFAULT 0,
  failures integer NOT NULL DEFAULT 0,
  updated_at timestamptz NOT NULL DEFAULT now(),
  version integer NOT NULL DEFAULT 1,
  status text NOT NULL DEFAULT 'queued',
  -- Whose the claim is or last was, by which token, until when. The token only grows and goes with every later write.
  claimed_by text,
  claim_token bigint,
  claim_expires_at timestamptz,
  claimed_at timestamptz,
  finished_at timestamptz,
  progress jsonb,
  result jsonb,
  error jsonb,
  queue text NOT NULL DEFAULT 'default',
  type text NOT NULL,
  payload jsonb NOT NULL DEFAULT '{}',
  -- {baseSeconds, factor, maxSeconds, jitter}; null for the usual one.
  backoff jsonb,
  session_id uuid,
  parent_id uuid,
  -- What an agent must be able to do, sorted; an empty set suits everybody.
  required text[] NOT NULL DEFAULT '{}',
  concurrency_key text,
  deadline timestamptz,
  estimated_ms integer,
  -- What becomes of a waiting task once all it waits for has ended well: it is queued, or completed (a parent of children).
  resume_as text NOT NULL DEFAULT 'queued',
  idempotency_key text,
  unique_key text,
  unique_while text,
  trace_id text,
  -- W3C trace context of whoever enqueued it.
  traceparent text,
  created_by text,
  CONSTRAINT chk_tasks_status CHECK (CASE status
    WHEN 'completed' THEN claim_expires_at IS NULL AND finished_at IS NOT NULL
    WHEN 'claimed' THEN claim_expires_at IS NOT NULL AND finished_at IS NULL
    WHEN 'running' THEN claim_expires_at IS NOT NULL AND finished_at IS NULL
    WHEN 'queued' THEN claim_expires_at IS NULL AND finished_at IS NULL
    WHEN 'waiting' THEN claim_expires_at IS NULL AND finished_at IS NULL
    WHEN 'held' THEN claim_expires_at IS NULL AND finished_at IS NULL
    ELSE status IN ('failed', 'dead', 'cancelled', 'skipped') AND claim_expires_at IS NULL AND finished_at IS NOT NULL END)
) WITH (fillfactor = 42);
CREATE INDEX idx_tasks_project ON tasks (project_id, created_at, id);
CREATE INDEX idx_tasks_session ON tasks (session_id) WHERE session_id IS NOT NULL;
CREATE INDEX idx_tasks_parent ON tasks (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX idx_tasks_trace ON tasks (trace_id) WHERE trace_id IS NOT NULL;

-- What may be claimed, and nothing else: a claim takes the row out, so that finished work never slows the next claim down.
-- Rows are found by the whole key, all of which stands in the task.
CREATE TABLE task_ready (
  queue text NOT NULL,
  project_id uuid NOT NULL,
  priority smallint NOT NULL,
  run_at timestamptz NOT NULL,
  task_id uuid NOT NULL,
  type text NOT NULL,
  required text[] NOT NULL,
  concurrency_key text,
  -- From when on the deadline can no longer be met: deadline less the estimated duration (COORD-23).
  give_up_at timestamptz,
  PRIMARY KEY (queue, project_id, priority, run_at, task_id)
);
CREATE INDEX idx_task_ready_give_up ON task_ready (give_up_at) WHERE give_up_at IS NOT NULL;

-- One row for all that one agent got by one claim. The reaper looks at it when it is due; whether a claim is over stands
-- in the task alone, so that a heartbeat touches nothing but the task's own row.
--
-- Claims that were prefetched stand here alone at first, since most are over before anybody asks: their tasks are still `queued`
-- and have no ready row. They are written into their tasks (written) as soon as somebody needs that, and by the reaper after a
-- second; sb_tasks_write_out does it.
CREATE TABLE task_leases (
  token bigint NOT NULL,
  n integer NOT NULL,
  project_id uuid NOT NULL,
  agent text NOT NULL,
  task_ids uuid[] NOT NULL,
  check_at timestamptz NOT NULL,
  claimed_at timestamptz NOT NULL DEFAULT now(),
  written boolean NOT NULL DEFAULT true,
  -- Of claims that are not written: how many have not ended. At none the row goes.
  open integer,
  PRIMARY KEY (token, n)
);
CREATE INDEX idx_task_leases_unwritten ON task_leases (claimed_at) WHERE NOT written;
-- Ids hardly compress, and trying costs more than it saves.
ALTER TABLE task_leases ALTER COLUMN task_ids SET STORAGE EXTERNAL;
CREATE INDEX idx_task_leases_check ON task_leases (check_at);
CREATE INDEX idx_task_leases_agent ON task_leases (project_id, agent);

-- One row per attempt that ended, written in the statement that ends it; but for the one that completed its task: all there is to
-- say of it stands in the task, which is never claimed again (measured: a second row with its key was a sixth of what the database
-- did for a task, and a quarter of what it logged). task_attempts has them all.
CREATE TABLE task_past_attempts (
  task_id uuid NOT NULL,
  attempt integer NOT NULL,
  project_id uuid NOT NULL,
  agent text NOT NULL,
  token bigint NOT NULL,
  started_at timestamptz NOT NULL,
  ended_at timestamptz NOT NULL,
  outcome text NOT NULL CONSTRAINT chk_task_past_attempts_outcome CHECK (outcome IN (
    'failed', 'lost', 'cancelled', 'released', 'decomposed', 'handed_over')),
  error jsonb,
  PRIMARY KEY (task_id, attempt)
);

-- A parent that its children completed ended its last attempt by making them.
CREATE VIEW task_attempts AS
  SELECT p.task_id, p.attempt, p.project_id, p.agent, p.token, p.started_at, p.ended_at, p.outcome, p.error FROM task_past_attempts p
  UNION ALL
  SELECT t.id, t.attempt, t.project_id, t.claimed_by, t.claim_token, t.claimed_at, t.finished_at, 'completed', NULL FROM tasks t
  WHERE t.status = 'completed' AND t.attempt > 0
    AND NOT EXISTS (SELECT FROM task_past_attempts p WHERE p.task_id = t.id AND p.attempt = t.attempt);
-- The same of one task, for joins: of the view itself a join would read all.
CREATE FUNCTION sb_task_attempts(p_task uuid) RETURNS SETOF task_attempts LANGUAGE sql STABLE ROWS 2 AS $$
  SELECT a.* FROM task_attempts a WHERE a.task_id = p_task OFFSET 0
$$;

CREATE TABLE task_idempotency_keys (
  project_id uuid NOT NULL,
  key text NOT NULL,
  digest bytea NOT NULL,
  task_id uuid NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (project_id, key)
);
CREATE INDEX idx_task_idempotency_keys_expires ON task_idempotency_keys (expires_at);

-- At most one task per key, while it is queued or until it is over.
CREATE TABLE task_unique_keys (
  project_id uuid NOT NULL,
  key text NOT NULL,
  task_id uuid NOT NULL,
  PRIMARY KEY (project_id, key)
);

-- Live claims that count against a queue's limits.
CREATE TABLE task_slots (
  task_id uuid PRIMARY KEY,
  project_id uuid NOT NULL,
  queue text NOT NULL,
  concurrency_key text
);
CREATE INDEX idx_task_slots_queue ON task_slots (project_id, queue, concurrency_key);

-- Tasks that ended badly, to be found, redriven and discarded (dead letter); failed ones too.
CREATE TABLE task_dead_letters (
  task_id uuid PRIMARY KEY,
  project_id uuid NOT NULL,
  queue text NOT NULL,
  type text NOT NULL,
  status text NOT NULL,
  at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX idx_task_dead_letters_project ON task_dead_letters (project_id, at, task_id);

-- What a task is told at its birth and keeps. A table's checks are all looked at again by each update (measured: a third of the time
-- that ending a task took), so these are looked at when such a value is written. By a trigger that comes after: one before would lock
-- each row that any update touches first, whatever its columns, and log that (measured: 5 % of a claim and its ending).
CREATE FUNCTION sb_task_is_sound(t tasks) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT t.queue ~ '^[a-z0-9][a-z0-9_.-]{0,99}$' AND t.type ~ '^[a-z][a-z0-9_.-]{0,99}$' AND jsonb_typeof(t.payload) = 'object'
    AND t.priority BETWEEN 0 AND 9 AND t.max_attempts BETWEEN 1 AND 100 AND t.resume_as IN ('queued', 'completed')
    AND (t.concurrency_key IS NULL OR length(t.concurrency_key) BETWEEN 1 AND 255) AND (t.estimated_ms IS NULL OR t.estimated_ms >= 0)
    AND (t.idempotency_key IS NULL OR length(t.idempotency_key) BETWEEN 1 AND 255)
    AND CASE WHEN t.unique_key IS NULL THEN t.unique_while IS NULL
      ELSE length(t.unique_key) BETWEEN 1 AND 255 AND t.unique_while IS NOT NULL AND t.unique_while IN ('queued', 'live') END
$$;
CREATE FUNCTION sb_tasks_sound() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT sb_task_is_sound(NEW) THEN
    RAISE EXCEPTION 'the task is not sound' USING ERRCODE = '23514', CONSTRAINT = 'chk_tasks_sound', TABLE = 'tasks';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER trg_tasks_sound AFTER UPDATE OF queue, type, payload, priority, max_attempts, resume_as, concurrency_key, estimated_ms,
  idempotency_key, unique_key, unique_while ON tasks FOR EACH ROW EXECUTE FUNCTION sb_tasks_sound();

-- A task belongs to a project and its session; both take it along. Checked once per statement: foreign keys check row by
-- row, which costs more than the insert.
CREATE FUNCTION sb_tasks_belong() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  v_missing uuid;
BEGIN
  IF EXISTS (SELECT FROM added a WHERE NOT sb_task_is_sound(ROW(a.*)::tasks)) THEN
    RAISE EXCEPTION 'the task is not sound' USING ERRCODE = '23514', CONSTRAINT = 'chk_tasks_sound', TABLE = 'tasks';
  END IF;
  -- Held until the transaction ends, as foreign keys hold them: whoever deletes them waits, and then takes these tasks along.
  SELECT a.project_id INTO v_missing FROM (SELECT DISTINCT project_id FROM added ORDER BY 1) a WHERE NOT EXISTS (
    SELECT FROM projects p WHERE p.id = a.project_id FOR KEY SHARE) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'tasks need a project' USING ERRCODE = '23503', CONSTRAINT = 'fk_tasks_project', DETAIL = v_missing::text;
  END IF;
  SELECT a.session_id INTO v_missing FROM (SELECT DISTINCT session_id, project_id FROM added WHERE session_id IS NOT NULL ORDER BY 1, 2) a
  WHERE NOT EXISTS (SELECT FROM sessions s WHERE s.id = a.session_id AND s.project_id = a.project_id FOR KEY SHARE) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'a session''s tasks need the session' USING ERRCODE = '23503', CONSTRAINT = 'fk_tasks_session', DETAIL = v_missing::text;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER trg_tasks_belong AFTER INSERT ON tasks REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION sb_tasks_belong();

CREATE FUNCTION sb_tasks_of_project_go() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- Ready rows before their tasks, as claims take them.
  PERFORM FROM gone g JOIN task_ready r ON r.project_id = g.id ORDER BY r.task_id FOR UPDATE OF r;
  PERFORM FROM gone g JOIN tasks t ON t.project_id = g.id ORDER BY t.id FOR UPDATE OF t;
  DELETE FROM tasks t USING gone g WHERE t.project_id = g.id;
  RETURN NULL;
END $$;
CREATE TRIGGER trg_projects_tasks_go AFTER DELETE ON projects REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT EXECUTE FUNCTION sb_tasks_of_project_go();
CREATE FUNCTION sb_tasks_of_session_go() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- Ready rows before their tasks, as claims take them.
  PERFORM FROM gone g JOIN tasks t ON t.session_id = g.id JOIN task_ready r ON r.queue = t.queue AND r.project_id = t.project_id
    AND r.priority = t.priority AND r.run_at = t.run_at AND r.task_id = t.id ORDER BY t.id FOR UPDATE OF r;
  PERFORM FROM gone g JOIN tasks t ON t.session_id = g.id ORDER BY t.id FOR UPDATE OF t;
  DELETE FROM tasks t USING gone g WHERE t.session_id = g.id;
  RETURN NULL;
END $$;
CREATE TRIGGER trg_sessions_tasks_go AFTER DELETE ON sessions REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT EXECUTE FUNCTION sb_tasks_of_session_go();

-- What belongs to a task goes with it.
CREATE FUNCTION sb_tasks_go() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM task_ready r USING gone g WHERE r.queue = g.queue AND r.project_id = g.project_id AND r.priority = g.priority
    AND r.run_at = g.run_at AND r.task_id = g.id;
  DELETE FROM task_past_attempts a USING gone g WHERE a.task_id = g.id;
  DELETE FROM task_slots s USING gone g WHERE s.task_id = g.id AND g.slotted;
  DELETE FROM task_dead_letters d USING gone g WHERE d.task_id = g.id;
  DELETE FROM task_unique_keys u USING gone g WHERE u.project_id = g.project_id AND u.key = g.unique_key AND u.task_id = g.id;
  DELETE FROM task_idempotency_keys k USING gone g WHERE k.project_id = g.project_id AND k.key = g.idempotency_key AND k.task_id = g.id;
  RETURN NULL;
END $$;
CREATE TRIGGER trg_tasks_go AFTER DELETE ON tasks REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION sb_tasks_go();

-- Says in the change feed what a batch did: one row per project, with the first few ids only.
CREATE FUNCTION sb_tasks_feed(p_projects uuid[], p_ids uuid[], p_statuses text[]) RETURNS void LANGUAGE sql AS $$
  WITH changed AS (
    SELECT * FROM unnest(p_projects, p_ids, p_statuses) WITH ORDINALITY AS c (project_id, id, status, n)
  ), counted AS (
    SELECT project_id, status, count(*) AS count FROM changed GROUP BY 1, 2
  )
  INSERT INTO feed_entries (project_id, topic, payload)
  SELECT c.project_id, 'task', jsonb_build_object('counts', jsonb_object_agg(c.status, c.count), 'taskIds',
    (SELECT jsonb_agg(i.id ORDER BY i.n) FROM (SELECT id, n FROM changed x WHERE x.project_id = c.project_id ORDER BY n LIMIT 20) i))
  FROM counted c GROUP BY c.project_id
$$;

-- Enqueues a whole batch of calls. p_tasks is [{n, id, project, queue, type, payload, status, priority, delay, runAt, maxAttempts,
-- backoff, session, parent, required, concurrencyKey, deadline, estimatedMs, resumeAs, key, digest, keySeconds, uniqueKey, uniqueWhile,
-- uniqueMode, trace, traceparent, createdBy}]; n counts from 1; what is left out has its usual value. Status is queued, waiting or held.
-- p_keyed: some of them have keys. No rows where each call made its task; else a row per call: the task that answers it, its status,
-- whether it was made by this call, and the problem for which nothing was.
CREATE FUNCTION sb_tasks_enqueue(p_tasks jsonb, p_keyed boolean)
RETURNS TABLE (n integer, task_id uuid, status text, created boolean, problem text) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_count integer := jsonb_array_length(p_tasks);
  v_ids uuid[] := array_fill(NULL::uuid, ARRAY[v_count]);
  v_problems text[] := array_fill(NULL::text, ARRAY[v_count]);
  v_settled boolean := false;
  v_first uuid;
  v_same boolean;
  c record;
BEGIN
  -- Each key in a fixed order, so that batches that share keys meet them in the same one.
  FOR c IN SELECT * FROM jsonb_to_recordset(p_tasks) AS x (n integer, id uuid, project uuid, key text, digest text, "keySeconds" float8)
    WHERE p_keyed AND x.key IS NOT NULL ORDER BY x.project, x.key, x.n LOOP
    INSERT INTO task_idempotency_keys AS k (project_id, key, digest, task_id, expires_at)
      VALUES (c.project, c.key, decode(c.digest, 'hex'), c.id, now() + c."keySeconds" * interval '1 second')
      ON CONFLICT (project_id, key) DO UPDATE SET digest = excluded.digest, task_id = excluded.task_id, expires_at = excluded.expires_at
      WHERE k.expires_at <= now();
    CONTINUE WHEN FOUND;
    SELECT k.task_id, k.digest = decode(c.digest, 'hex') INTO v_first, v_same FROM task_idempotency_keys k
      WHERE k.project_id = c.project AND k.key = c.key;
    v_ids[c.n] := v_first;
    v_settled := true;
    IF NOT v_same THEN v_problems[c.n] := 'IDEMPOTENCY_CONFLICT'; END IF;
  END LOOP;

  IF EXISTS (SELECT FROM task_queues q WHERE q.draining) THEN
    FOR c IN SELECT * FROM jsonb_to_recordset(p_tasks) AS x (n integer, project uuid, queue text)
      JOIN task_queues q ON q.project_id = x.project AND q.name = coalesce(x.queue, 'default') WHERE q.draining LOOP
      IF v_ids[c.n] IS NULL THEN
        v_problems[c.n] := 'QUEUE_DRAINING';
        v_settled := true;
      END IF;
    END LOOP;
  END IF;

  FOR c IN SELECT * FROM jsonb_to_recordset(p_tasks) AS x (n integer, id uuid, project uuid, payload jsonb, priority smallint, delay float8,
      "runAt" timestamptz, "uniqueKey" text, "uniqueMode" text)
    WHERE p_keyed AND x."uniqueKey" IS NOT NULL ORDER BY x.project, x."uniqueKey", x.n LOOP
    CONTINUE WHEN v_ids[c.n] IS NOT NULL OR v_problems[c.n] IS NOT NULL;
    INSERT INTO task_unique_keys (project_id, key, task_id) VALUES (c.project, c."uniqueKey", c.id) ON CONFLICT DO NOTHING;
    CONTINUE WHEN FOUND;
    v_settled := true;
    IF c."uniqueMode" = 'refuse' THEN
      v_problems[c.n] := 'TASK_DUPLICATE';
      CONTINUE;
    END IF;
    SELECT u.task_id INTO v_first FROM task_unique_keys u WHERE u.project_id = c.project AND u.key = c."uniqueKey";
    v_ids[c.n] := v_first;
    IF c."uniqueMode" = 'replace' THEN
      -- Who takes the ready row out decides about the task: claims take it first too.
      DELETE FROM task_ready r USING tasks t WHERE t.id = v_first AND r.queue = t.queue AND r.project_id = t.project_id
        AND r.priority = t.priority AND r.run_at = t.run_at AND r.task_id = t.id;
      IF FOUND THEN
        UPDATE tasks t SET payload = coalesce(c.payload, '{}'), priority = coalesce(c.priority, 2),
          run_at = coalesce(c."runAt", now() + coalesce(c.delay, 0) * interval '1 second'),
          version = t.version + 1, updated_at = now() WHERE t.id = v_first;
        INSERT INTO task_ready SELECT t.queue, t.project_id, t.priority, t.run_at, t.id, t.type, t.required, t.concurrency_key,
          t.deadline - make_interval(secs => coalesce(t.estimated_ms, 0) / 1000.0) FROM tasks t WHERE t.id = v_first;
      END IF;
    END IF;
  END LOOP;

  WITH given AS MATERIALIZED (
    SELECT x.n, x.id, x.project, coalesce(x.queue, 'default') AS queue, x.type, coalesce(x.payload, '{}') AS payload,
      coalesce(x.status, 'queued') AS status, coalesce(x.priority, 2::smallint) AS priority,
      coalesce(x."runAt", CASE WHEN x.delay IS NULL THEN now() ELSE now() + x.delay * interval '1 second' END) AS run_at,
      coalesce(x."maxAttempts", 4) AS max_attempts, x.backoff, x.session, x.parent, coalesce(x.required, '{}') AS required,
      x."concurrencyKey" AS concurrency_key, x.deadline, x."estimatedMs" AS estimated_ms, coalesce(x."resumeAs", 'queued') AS resume_as,
      x.key, x."uniqueKey" AS unique_key, x."uniqueWhile" AS unique_while, x.trace, x.traceparent, x."createdBy" AS created_by
    FROM jsonb_to_recordset(p_tasks) AS x (n integer, id uuid, project uuid, queue text, type text, payload jsonb, status text,
      priority smallint, delay float8, "runAt" timestamptz, "maxAttempts" integer, backoff jsonb, session uuid, parent uuid, required text[],
      "concurrencyKey" text, deadline timestamptz, "estimatedMs" integer, "resumeAs" text, key text, "uniqueKey" text,
      "uniqueWhile" text, trace text, traceparent text, "createdBy" text)
    WHERE NOT v_settled OR (v_ids[x.n] IS NULL AND v_problems[x.n] IS NULL)
  ), made AS (
    INSERT INTO tasks (id, project_id, queue, type, payload, status, priority, run_at, max_attempts, backoff, session_id, parent_id,
      required, concurrency_key, deadline, estimated_ms, resume_as, idempotency_key, unique_key, unique_while, trace_id,
      traceparent, created_by)
    SELECT g.id, g.project, g.queue, g.type, g.payload, g.status, g.priority, g.run_at, g.max_attempts, g.backoff, g.session, g.parent,
      g.required, g.concurrency_key, g.deadline, g.estimated_ms, g.resume_as, g.key, g.unique_key, g.unique_while, g.trace,
      g.traceparent, g.created_by
    FROM given g
  ), ready AS (
    INSERT INTO task_ready SELECT g.queue, g.project, g.priority, g.run_at, g.id, g.type, g.required, g.concurrency_key,
      g.deadline - make_interval(secs => coalesce(g.estimated_ms, 0) / 1000.0) FROM given g WHERE g.status = 'queued'
  )
  INSERT INTO feed_entries (project_id, topic, payload)
  SELECT c.project, 'task', jsonb_build_object('counts', jsonb_object_agg(c.status, c.count), 'taskIds',
    (SELECT jsonb_agg(i.id) FROM (SELECT g.id FROM given g WHERE g.project = c.project ORDER BY g.n LIMIT 20) i))
  FROM (SELECT g.project, g.status, count(*) AS count FROM given g GROUP BY 1, 2) c GROUP BY c.project;

  IF v_settled THEN
    RETURN QUERY SELECT x.n, t.id, t.status, t.id IS NOT DISTINCT FROM x.id, v_problems[x.n]
    FROM jsonb_to_recordset(p_tasks) AS x (n integer, id uuid)
    LEFT JOIN tasks t ON t.id = coalesce(v_ids[x.n], x.id) AND v_problems[x.n] IS NULL;
  END IF;
END $$;

-- For whoever enqueues from SQL, inside any transaction. Wakes agents by a notification: for writers that are not hot.
CREATE FUNCTION signalbox_enqueue(p_project text, p_type text, p_payload jsonb DEFAULT '{}', p_queue text DEFAULT 'default',
  p_priority integer DEFAULT 2, p_run_at timestamptz DEFAULT NULL, p_idempotency_key text DEFAULT NULL, p_max_attempts integer DEFAULT 4)
RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
  v_project uuid;
  v_id uuid := sb_uuid7();
  v_made record;
BEGIN
  SELECT id INTO v_project FROM projects WHERE slug = p_project OR id::text = p_project;
  IF v_project IS NULL THEN
    RAISE EXCEPTION 'no project "%"', p_project USING ERRCODE = '23503', CONSTRAINT = 'fk_tasks_project';
  END IF;
  SELECT * INTO v_made FROM sb_tasks_enqueue(jsonb_build_array(jsonb_build_object('n', 1, 'id', v_id, 'project', v_project,
    'queue', p_queue, 'type', p_type, 'payload', p_payload, 'priority', p_priority, 'runAt', p_run_at, 'maxAttempts', p_max_attempts,
    'key', p_idempotency_key,
    'digest', encode(sha256(convert_to(jsonb_build_object('type', p_type, 'payload', p_payload, 'queue', p_queue)::text, 'UTF8')), 'hex'),
    'keySeconds', 86400)), p_idempotency_key IS NOT NULL);
  IF v_made.problem IS NOT NULL THEN
    RAISE EXCEPTION 'the task was refused: %', v_made.problem USING ERRCODE = 'P0001';
  END IF;
  PERFORM pg_notify('signalbox_bus', jsonb_build_object('from', 'sql', 'topic', 'tasks', 'n', txid_current(), 'message',
    jsonb_build_object('queues', jsonb_build_array(p_queue)))::text);
  RETURN coalesce(v_made.task_id, v_id);
END $$;

-- Time-ordered ids for rows made in SQL (RFC 9562, version 7).
CREATE FUNCTION sb_uuid7() RETURNS uuid LANGUAGE sql VOLATILE AS $$
  SELECT encode(set_byte(set_byte(overlay(uuid_send(gen_random_uuid())
    PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6),
    6, 112 | (get_byte(uuid_send(gen_random_uuid()), 6) & 15)), 8, 128 | (get_byte(uuid_send(gen_random_uuid()), 8) & 63)), 'hex')::uuid
$$;

-- Claims for several agents at once who ask for the same: ready tasks of the queues, first by queue in the given order, then by
-- priority, then by arrival. p_types null: any; p_able: what the agents can do; p_limits: how many each of p_agents takes; the
-- first ones are served first. p_from…: where an earlier claim of this process got to, by priority 0…9 of a single queue; rows
-- behind are looked at only when those before do not suffice. That spares walking again and again over rows that were claimed
-- but cannot be removed while some long transaction might still see them.
-- Plans are kept per connection, and one made while the table was small would read all of it later: only the index will do.
-- p_prefetch: the claims stand in their lease alone at first (see task_leases); for one caller and queues without limits.
-- All claims of one call share one token, drawn once their rows are held. A row per claim, in order; token and expiry
-- in the first one, run_at in the last one of each priority. What is as usual is null: the first caller, the only queue, the first
-- attempt, no failures, four attempts at most, priority 2. Each value costs the reader more than all else of a row.
CREATE FUNCTION sb_tasks_claim(p_project uuid, p_queues text[], p_types text[], p_able text[], p_agents text[], p_limits integer[],
  p_lease float8, p_from_at timestamptz[], p_from_id uuid[], p_prefetch boolean)
RETURNS TABLE (caller integer, id uuid, type text, payload jsonb, session_id uuid, attempt integer, failures integer, max_attempts integer,
  token bigint, expires_at timestamptz, priority smallint, run_at text, traceparent text, queue text)
LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off
  SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
  v_wanted integer := (SELECT sum(l) FROM unnest(p_limits) AS l);
  v_queues CONSTANT integer := cardinality(p_queues);
  v_ids uuid[] := '{}';
  v_none CONSTANT uuid := '00000000-0000-0000-0000-000000000000';
  -- The last one of each priority, where a later claim may go on.
  v_last uuid[] := '{}';
  v_more uuid[];
  v_rows tid[];
  v_queue task_queues%ROWTYPE;
  v_slotted boolean := false;
  v_token bigint;
  v_until timestamptz := now() + p_lease * interval '1 second';
  v_name text;
  v_left integer;
BEGIN
  -- In the order of their names, whatever the order they are asked in: whoever holds the limits of several meets them in one order.
  IF v_queues > 1 THEN
    PERFORM FROM task_queues q WHERE q.project_id = p_project AND q.name = ANY (p_queues) AND NOT q.paused
      AND (q.max_concurrent IS NOT NULL OR q.max_concurrent_per_key IS NOT NULL OR q.rate_limit IS NOT NULL) ORDER BY q.name FOR UPDATE;
  END IF;
  FOREACH v_name IN ARRAY p_queues LOOP
    SELECT * INTO v_queue FROM task_queues q WHERE q.project_id = p_project AND q.name = v_name;
    IF v_queue.paused THEN CONTINUE; END IF;
    IF v_queue.max_concurrent IS NOT NULL OR v_queue.max_concurrent_per_key IS NOT NULL OR v_queue.rate_limit IS NOT NULL THEN
      v_more := sb_tasks_pick_limited(p_project, v_name, p_types, p_able, v_wanted - cardinality(v_ids));
      v_slotted := v_slotted OR cardinality(v_more) > 0;
      v_ids := v_ids || v_more;
    ELSE
      FOR pass IN CASE WHEN p_from_at IS NULL THEN 2 ELSE 1 END .. 2 LOOP
        FOR p IN 0 .. 9 LOOP
          v_left := v_wanted - cardinality(v_ids);
          EXIT WHEN v_left <= 0;
          SELECT array_agg(x.ctid), array_agg(x.task_id) INTO v_rows, v_more FROM (
            SELECT r.ctid, r.task_id FROM task_ready r
            WHERE r.queue = v_name AND r.project_id = p_project AND r.priority = p AND r.run_at <= now()
              AND (r.run_at, r.task_id) >= (CASE WHEN pass = 1 THEN coalesce(p_from_at[p + 1], '-infinity') ELSE '-infinity' END,
                CASE WHEN pass = 1 THEN coalesce(p_from_id[p + 1], v_none) ELSE v_none END)
              AND (p_types IS NULL OR r.type = ANY (p_types)) AND r.required <@ p_able
              AND (r.give_up_at IS NULL OR r.give_up_at > now())
            ORDER BY r.run_at, r.task_id LIMIT v_left FOR UPDATE SKIP LOCKED) x;
          IF v_rows IS NOT NULL THEN
            DELETE FROM task_ready WHERE ctid = ANY (v_rows);
            v_ids := v_ids || v_more;
            v_last := v_last || v_more[cardinality(v_more)];
          END IF;
        END LOOP;
        EXIT WHEN cardinality(v_ids) >= v_wanted;
      END LOOP;
    END IF;
    EXIT WHEN cardinality(v_ids) >= v_wanted;
  END LOOP;
  IF cardinality(v_ids) = 0 THEN RETURN; END IF;
  v_token := nextval('fencing_tokens');
  INSERT INTO feed_entries (project_id, topic, payload) VALUES (p_project, 'task',
    jsonb_build_object('counts', jsonb_build_object('claimed', cardinality(v_ids)), 'taskIds', to_jsonb(v_ids[1:20])));

  IF p_prefetch AND NOT v_slotted AND cardinality(p_agents) = 1 THEN
    INSERT INTO task_leases (token, n, project_id, agent, task_ids, check_at, written, open)
      VALUES (v_token, 1, p_project, p_agents[1], v_ids, v_until, false, cardinality(v_ids));
    IF EXISTS (SELECT FROM task_unique_keys) THEN
      DELETE FROM task_unique_keys u USING tasks t WHERE t.id = ANY (v_ids) AND t.unique_while = 'queued' AND u.project_id = p_project
        AND u.key = t.unique_key AND u.task_id = t.id;
    END IF;
    RETURN QUERY SELECT NULL::integer, t.id, t.type, t.payload, t.session_id, nullif(t.attempt, 0) + 1, nullif(t.failures, 0),
      nullif(t.max_attempts, 4), CASE WHEN x.n = 1 THEN v_token END, CASE WHEN x.n = 1 THEN v_until END, nullif(t.priority, 2::smallint),
      CASE WHEN t.id = ANY (v_last) THEN t.run_at::text END, t.traceparent, CASE WHEN v_queues > 1 THEN t.queue END
    FROM unnest(v_ids) WITH ORDINALITY AS x (id, n) JOIN tasks t ON t.id = x.id;
    RETURN;
  END IF;

  RETURN QUERY
  WITH callers AS (
    SELECT c.n::integer AS n, c.agent, sum(c.l) OVER (ORDER BY c.n) - c.l AS after, sum(c.l) OVER (ORDER BY c.n) AS upto
    FROM unnest(p_agents, p_limits) WITH ORDINALITY AS c (agent, l, n)
  ), leases AS (
    INSERT INTO task_leases (token, n, project_id, agent, task_ids, check_at)
    SELECT v_token, c.n, p_project, c.agent, v_ids[c.after + 1 : c.upto], v_until FROM callers c WHERE c.after < cardinality(v_ids)
  ), claimed AS (
    UPDATE tasks t SET status = 'claimed', claimed_by = c.agent, claim_token = v_token, claim_expires_at = v_until, claimed_at = now(),
      attempt = t.attempt + 1, slotted = v_slotted, progress = NULL, version = t.version + 1, updated_at = now()
    -- By id, not by place: others lock several tasks in that order.
    FROM (SELECT x.id, x.n AS place, c.n AS caller, c.agent FROM unnest(v_ids) WITH ORDINALITY AS x (id, n)
      JOIN callers c ON x.n > c.after AND x.n <= c.upto ORDER BY x.id) c
    WHERE t.id = c.id
    RETURNING c.caller, c.place, t.id, t.type, t.payload, t.session_id, t.attempt, t.failures, t.max_attempts, t.priority,
      t.run_at, t.traceparent, t.queue, CASE WHEN t.unique_while = 'queued' THEN t.unique_key END AS freed
  ), freed AS (
    DELETE FROM task_unique_keys u USING claimed c WHERE c.freed IS NOT NULL AND u.project_id = p_project AND u.key = c.freed AND u.task_id = c.id
  )
  SELECT nullif(c.caller, 1), c.id, c.type, c.payload, c.session_id, nullif(c.attempt, 1), nullif(c.failures, 0), nullif(c.max_attempts, 4),
    CASE WHEN c.place = 1 THEN v_token END, CASE WHEN c.place = 1 THEN v_until END, nullif(c.priority, 2::smallint),
    CASE WHEN lead(c.priority) OVER (ORDER BY c.place) IS DISTINCT FROM c.priority THEN c.run_at::text END, c.traceparent,
    CASE WHEN v_queues > 1 THEN c.queue END
  FROM claimed c ORDER BY c.place;
END $$;

-- Picks ready tasks of one queue under its limits and takes their slots; where p_only is given, among those alone, whatever they
-- require. The queue's row is held until the transaction ends, so that all who claim from it count one after the other.
CREATE FUNCTION sb_tasks_pick_limited(p_project uuid, p_queue text, p_types text[], p_able text[], p_wanted integer,
  p_only uuid[] DEFAULT NULL)
RETURNS uuid[] LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off AS $$
DECLARE
  v_ids uuid[] := '{}';
  v_queue task_queues%ROWTYPE;
  v_wanted integer := p_wanted;
  v_tokens float8;
  v_full text[] := '{}';
  v_used jsonb := '{}';
  r record;
BEGIN
  SELECT * INTO v_queue FROM task_queues q WHERE q.project_id = p_project AND q.name = p_queue FOR UPDATE;
  IF v_queue.paused THEN RETURN v_ids; END IF;
  IF v_queue.max_concurrent IS NOT NULL THEN
    v_wanted := least(v_wanted, v_queue.max_concurrent -
      (SELECT count(*)::integer FROM task_slots s WHERE s.project_id = p_project AND s.queue = p_queue));
  END IF;
  IF v_queue.rate_limit IS NOT NULL THEN
    v_tokens := least(v_queue.rate_limit, v_queue.rate_tokens +
      extract(epoch FROM clock_timestamp() - v_queue.rate_at) * v_queue.rate_limit / v_queue.rate_seconds);
    v_wanted := least(v_wanted, floor(v_tokens)::integer);
  END IF;
  IF v_wanted <= 0 THEN RETURN v_ids; END IF;
  IF v_queue.max_concurrent_per_key IS NOT NULL THEN
    SELECT coalesce(jsonb_object_agg(x.concurrency_key, x.count), '{}') INTO v_used FROM (
      SELECT s.concurrency_key, count(*) FROM task_slots s
      WHERE s.project_id = p_project AND s.queue = p_queue AND s.concurrency_key IS NOT NULL GROUP BY 1) x;
  END IF;

  FOR r IN SELECT x.* FROM task_ready x WHERE x.queue = p_queue AND x.project_id = p_project AND x.run_at <= now()
      AND (p_types IS NULL OR x.type = ANY (p_types)) AND (x.required <@ p_able OR x.task_id = ANY (p_only))
      AND (p_only IS NULL OR x.task_id = ANY (p_only)) AND (x.give_up_at IS NULL OR x.give_up_at > now())
      ORDER BY x.queue, x.project_id, x.priority, x.run_at, x.task_id LOOP
    IF v_queue.max_concurrent_per_key IS NOT NULL AND r.concurrency_key IS NOT NULL
      AND coalesce((v_used ->> r.concurrency_key)::integer, 0) >= v_queue.max_concurrent_per_key THEN CONTINUE; END IF;
    DELETE FROM task_ready x WHERE x.ctid = (SELECT y.ctid FROM task_ready y WHERE y.queue = r.queue AND y.project_id = r.project_id
      AND y.priority = r.priority AND y.run_at = r.run_at AND y.task_id = r.task_id FOR UPDATE SKIP LOCKED);
    CONTINUE WHEN NOT FOUND;
    v_ids := v_ids || r.task_id;
    IF r.concurrency_key IS NOT NULL THEN
      v_used := v_used || jsonb_build_object(r.concurrency_key, coalesce((v_used ->> r.concurrency_key)::integer, 0) + 1);
    END IF;
    INSERT INTO task_slots VALUES (r.task_id, p_project, p_queue, r.concurrency_key);
    EXIT WHEN cardinality(v_ids) >= v_wanted;
  END LOOP;
  IF v_queue.rate_limit IS NOT NULL THEN
    UPDATE task_queues q SET rate_tokens = v_tokens - cardinality(v_ids), rate_at = clock_timestamp()
    WHERE q.project_id = p_project AND q.name = p_queue;
  END IF;
  RETURN v_ids;
END $$;

-- The elements of an array that may be long. The planner takes any array for ten elements and would compare two of them each with
-- each; of this it expects enough to hash them.
CREATE FUNCTION sb_elements(p_of anyarray) RETURNS SETOF anyelement LANGUAGE sql VOLATILE ROWS 1000 AS $$ SELECT unnest(p_of) $$;

-- What a task becomes whose attempt failed: queued again while attempts are left and trying again can help, dead after the last
-- one, failed where it cannot, or was never meant to be tried again.
CREATE FUNCTION sb_tasks_failed_status(p_retry boolean, p_failures integer, p_max integer) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN p_retry AND p_failures + 1 < p_max THEN 'queued' WHEN p_retry AND p_max > 1 THEN 'dead' ELSE 'failed' END
$$;

-- Ends a whole batch of claims. Element n of the arrays is call n: the claim (project, task, token), and what became of the attempt:
-- p_outcomes: completed, failed (with p_retry: whether trying again can help), released, decomposed or cancelled; p_delays overrides
-- the backoff in seconds; p_randoms in [0, 1) is taken off it as jitter; p_max overrides the task's own maximum. Arrays may be shorter
-- than p_ids: what is missing is the first project, the first token, completed, null, false or 0.
-- A failed attempt goes back to the queue while attempts are left, becomes dead after the last one, failed where retrying cannot
-- help. Answers one row: the calls that held their claim and what their tasks became (all others: the claim is lost), or null for both
-- where all of them are completed; and what was measured, by queue, type, status and outcome. Calls come sorted by task and are
-- joined in that order, which is the order of the locks.
--
-- A claim holds if its task has the token in a live claim; or if an unwritten lease that is not over has task and token, and the task
-- has not seen that token or a later one: whatever ends a claim leaves its token or a later one behind. The row is looked at again
-- once it is locked, so it does not matter if the claim is written out or ended meanwhile.
CREATE FUNCTION sb_tasks_end(p_projects uuid[], p_ids uuid[], p_tokens bigint[], p_outcomes text[], p_results jsonb[], p_errors jsonb[],
  p_retry boolean[], p_delays float8[], p_randoms float8[], p_max integer[])
RETURNS TABLE (ended integer[], statuses text[], measured jsonb)
LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET enable_mergejoin = off
  SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
  v_plain boolean;
  v_odd uuid[];
  v_tokens bigint[];
  v_ns integer[];
  v_spent integer[];
  -- The calls that are answered: not their tasks, since a stale claim and a fresh one on one task may come together.
  v_done integer[] := '{}';
  v_ends integer[];
  v_more uuid[];
  v_figures jsonb;
  v_lease task_leases%ROWTYPE;
BEGIN
  -- Prefetched claims of plain tasks, completed: most calls of a busy queue. Lease by lease, so that only the task differs from row to
  -- row; whatever is left is anybody's below.
  IF cardinality(p_outcomes) = 0 AND cardinality(p_projects) = 1 THEN
    measured := '[]';
    FOR v_lease IN SELECT l.* FROM task_leases l WHERE l.token = ANY (ARRAY(SELECT DISTINCT k.token FROM unnest(p_tokens) AS k (token)))
      AND NOT l.written AND l.check_at > now() AND l.project_id = p_projects[1] ORDER BY l.token, l.n LOOP
      -- Whoever names a task that is not of this lease, has no claim on it by it.
      v_more := CASE WHEN cardinality(p_tokens) = 1 THEN p_ids
        ELSE ARRAY(SELECT c.id FROM unnest(p_ids, p_tokens) AS c (id, token) WHERE coalesce(c.token, p_tokens[1]) = v_lease.token) END;
      CONTINUE WHEN v_more <> v_lease.task_ids AND
        (SELECT count(*) FROM (SELECT unnest(v_more) INTERSECT SELECT unnest(v_lease.task_ids)) AS i) <> cardinality(v_more);
      WITH done AS (
        UPDATE tasks t SET status = 'completed', result = c.result, error = NULL, claim_token = v_lease.token, claimed_by = v_lease.agent,
          claimed_at = v_lease.claimed_at, attempt = t.attempt + 1, version = t.version + 1, updated_at = now(), finished_at = now()
        FROM unnest(p_ids, p_tokens, p_results) WITH ORDINALITY AS c (id, token, result, n)
        WHERE coalesce(c.token, p_tokens[1]) = v_lease.token AND t.id = c.id AND t.project_id = v_lease.project_id AND t.status = 'queued'
          AND (t.claim_token IS NULL OR t.claim_token < v_lease.token) AND NOT t.has_dependents AND t.unique_key IS NULL AND NOT t.slotted
        RETURNING c.n::integer AS n, t.queue, t.type
      ), grouped AS (
        SELECT d.queue, d.type, array_agg(d.n) AS ns FROM done d GROUP BY 1, 2
      )
      SELECT (SELECT array_agg(i.n) FROM grouped g CROSS JOIN unnest(g.ns) AS i (n)), jsonb_agg(jsonb_build_object('projectId',
        v_lease.project_id, 'queue', g.queue, 'type', g.type, 'status', 'completed', 'outcome', 'completed', 'count', cardinality(g.ns),
        'ms', cardinality(g.ns) * x.ms, 'ms2', cardinality(g.ns) * x.ms * x.ms))
      INTO v_ends, v_figures
      FROM grouped g CROSS JOIN (SELECT date_part('epoch', now() - v_lease.claimed_at) * 1000 AS ms) x;
      CONTINUE WHEN v_ends IS NULL;
      v_done := v_done || v_ends;
      measured := measured || v_figures;
      IF v_lease.open > cardinality(v_ends) THEN
        UPDATE task_leases l SET open = l.open - cardinality(v_ends) WHERE l.token = v_lease.token AND l.n = v_lease.n AND NOT l.written;
      ELSE
        DELETE FROM task_leases l WHERE l.token = v_lease.token AND l.n = v_lease.n AND NOT l.written;
      END IF;
    END LOOP;
    IF cardinality(v_done) > 0 THEN
      INSERT INTO feed_entries (project_id, topic, payload) VALUES (p_projects[1], 'task',
        jsonb_build_object('counts', jsonb_build_object('completed', cardinality(v_done)), 'taskIds',
          (SELECT jsonb_agg(p_ids[i.n]) FROM unnest(v_done[1:20]) AS i (n))));
    END IF;
    IF cardinality(v_done) = cardinality(p_ids) THEN
      RETURN NEXT;
      RETURN;
    END IF;
    v_figures := measured;
  END IF;

  WITH lent AS MATERIALIZED (
    SELECT l.token, l.n, l.agent, l.claimed_at, x.id FROM task_leases l CROSS JOIN sb_elements(l.task_ids) AS x (id)
    WHERE l.token = ANY (ARRAY(SELECT DISTINCT k.token FROM unnest(p_tokens) AS k (token))) AND NOT l.written AND l.check_at > now()
  ), calls AS MATERIALIZED (
    SELECT c.n::integer AS n, coalesce(c.project_id, p_projects[1]) AS project_id, c.id, c.token, coalesce(c.outcome, 'completed') AS outcome,
      c.result, c.error, coalesce(c.retry, false) AS retry, c.delay, coalesce(c.random, 0) AS random, c.max, l.n AS lease, l.agent, l.claimed_at
    FROM unnest(p_projects, p_ids, CASE WHEN cardinality(p_tokens) = 1 THEN array_fill(p_tokens[1], ARRAY[cardinality(p_ids)]) ELSE p_tokens END,
      p_outcomes, p_results, p_errors, p_retry, p_delays, p_randoms, p_max) WITH ORDINALITY
      AS c (project_id, id, token, outcome, result, error, retry, delay, random, max, n)
    LEFT JOIN lent l ON l.id = c.id AND l.token = c.token
    WHERE NOT EXISTS (SELECT FROM sb_elements(v_done) AS o (n) WHERE o.n = c.n) ORDER BY c.n
  ), done AS (
    UPDATE tasks t SET status = CASE c.outcome WHEN 'completed' THEN 'completed' WHEN 'cancelled' THEN 'cancelled'
        WHEN 'decomposed' THEN 'waiting' WHEN 'released' THEN 'queued'
        ELSE sb_tasks_failed_status(c.retry, t.failures, coalesce(c.max, t.max_attempts)) END,
      result = c.result, error = c.error, claim_expires_at = NULL, claim_token = c.token,
      claimed_by = CASE WHEN t.status = 'queued' THEN c.agent ELSE t.claimed_by END,
      claimed_at = CASE WHEN t.status = 'queued' THEN c.claimed_at ELSE t.claimed_at END,
      attempt = t.attempt + (t.status = 'queued')::integer, failures = t.failures + (c.outcome = 'failed')::integer,
      version = t.version + 1, updated_at = now(),
      run_at = CASE WHEN c.outcome = 'failed' AND sb_tasks_failed_status(c.retry, t.failures, coalesce(c.max, t.max_attempts)) = 'queued' THEN now() + interval '1 second' * coalesce(c.delay,
          (1 - coalesce((t.backoff ->> 'jitter')::float8, 0.5) * c.random)
          * least(coalesce((t.backoff ->> 'maxSeconds')::float8, 300),
            coalesce((t.backoff ->> 'baseSeconds')::float8, 1) * coalesce((t.backoff ->> 'factor')::float8, 2) ^ least(t.failures, 60)))
        ELSE t.run_at END,
      finished_at = CASE WHEN c.outcome IN ('completed', 'cancelled') OR (c.outcome = 'failed'
        AND sb_tasks_failed_status(c.retry, t.failures, coalesce(c.max, t.max_attempts)) <> 'queued') THEN now() END
    FROM calls c
    WHERE t.id = c.id AND t.project_id = c.project_id AND CASE
      WHEN t.status = 'queued' AND c.lease IS NOT NULL THEN coalesce(t.claim_token, 0) < c.token
      ELSE t.claim_token = c.token AND t.status IN ('claimed', 'running') AND t.claim_expires_at > now() END
    RETURNING c.n, t.id, t.project_id, t.status, c.outcome, t.queue, t.type, t.attempt, t.claimed_by, t.claim_token, t.claimed_at, t.error,
      c.lease, t.slotted OR t.has_dependents OR t.unique_key IS NOT NULL OR t.status <> 'completed' AS odd
  ), attempts AS (
    INSERT INTO task_past_attempts (task_id, attempt, project_id, agent, token, started_at, ended_at, outcome, error)
    SELECT d.id, d.attempt, d.project_id, d.claimed_by, d.claim_token, d.claimed_at, now(), d.outcome, d.error FROM done d
    WHERE d.outcome <> 'completed'
  ), figures AS (
    SELECT d.project_id, d.queue, d.type, d.status, d.outcome, count(*) AS count, sum(x.ms) AS ms, sum(x.ms * x.ms) AS ms2
    FROM done d CROSS JOIN LATERAL (SELECT date_part('epoch', now() - d.claimed_at) * 1000 AS ms) x GROUP BY 1, 2, 3, 4, 5
  ), spent AS (
    SELECT d.claim_token AS token, d.lease, count(*) AS count FROM done d WHERE d.lease IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2
  ), fed AS (
    INSERT INTO feed_entries (project_id, topic, payload)
    SELECT c.project_id, 'task', jsonb_build_object('counts', jsonb_object_agg(c.status, c.count), 'taskIds', (SELECT jsonb_agg(i.id)
      FROM (SELECT d.id FROM done d WHERE d.project_id = c.project_id LIMIT 20) i))
    FROM (SELECT f.project_id, f.status, sum(f.count) AS count FROM figures f GROUP BY 1, 2) c GROUP BY 1
  )
  SELECT count(*) = cardinality(p_ids) AND bool_and(d.status = 'completed'), array_agg(d.n), array_agg(d.status),
    array_agg(d.id) FILTER (WHERE d.odd), (SELECT array_agg(s.token) FROM spent s), (SELECT array_agg(s.lease) FROM spent s),
    (SELECT array_agg(s.count) FROM spent s),
    (SELECT jsonb_agg(jsonb_build_object('projectId', f.project_id, 'queue', f.queue, 'type', f.type, 'status', f.status, 'outcome', f.outcome,
      'count', f.count, 'ms', f.ms, 'ms2', f.ms2)) FROM figures f)
  INTO v_plain, ended, statuses, v_odd, v_tokens, v_ns, v_spent, measured FROM done d;
  IF v_tokens IS NOT NULL THEN
    UPDATE task_leases l SET open = l.open - s.count FROM unnest(v_tokens, v_ns, v_spent) AS s (token, n, count)
      WHERE l.token = s.token AND l.n = s.n AND NOT l.written;
    DELETE FROM task_leases l USING unnest(v_tokens, v_ns) AS s (token, n) WHERE l.token = s.token AND l.n = s.n AND l.open <= 0 AND NOT l.written;
  END IF;
  IF v_odd IS NOT NULL THEN PERFORM sb_tasks_after_claim(v_odd); END IF;
  IF v_plain THEN
    ended := NULL;
    statuses := NULL;
  ELSE
    ended := coalesce(ended, '{}') || v_done;
    statuses := coalesce(statuses, '{}') || array_fill('completed'::text, ARRAY[cardinality(v_done)]);
  END IF;
  measured := coalesce(v_figures, '[]') || coalesce(measured, '[]');
  RETURN NEXT;
END $$;

-- Writes claims that stand in their leases alone into their tasks. A task that somebody holds just now is left for the next time.
CREATE FUNCTION sb_tasks_write_out(p_tokens bigint[]) RETURNS void LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
  v_tokens bigint[];
  v_ids uuid[];
BEGIN
  SELECT array_agg(x.token) INTO v_tokens FROM (
    SELECT l.token FROM task_leases l WHERE l.token = ANY (p_tokens) AND NOT l.written ORDER BY l.token, l.n FOR UPDATE) x;
  IF v_tokens IS NULL THEN RETURN; END IF;
  SELECT array_agg(x.id) INTO v_ids FROM (
    SELECT t.id FROM task_leases l CROSS JOIN unnest(l.task_ids) AS x (id) JOIN tasks t ON t.id = x.id
    WHERE l.token = ANY (v_tokens) AND NOT l.written AND t.status = 'queued' AND coalesce(t.claim_token, 0) < l.token
    ORDER BY t.id FOR UPDATE OF t SKIP LOCKED) x;
  UPDATE tasks t SET status = 'claimed', claimed_by = l.agent, claim_token = l.token, claim_expires_at = l.check_at, claimed_at = l.claimed_at,
    attempt = t.attempt + 1, progress = NULL, version = t.version + 1, updated_at = now()
  FROM task_leases l CROSS JOIN unnest(l.task_ids) AS x (id)
  -- A task that was given back and claimed again may stand in several of these leases: it is under the one whose token it has not seen.
  WHERE l.token = ANY (v_tokens) AND NOT l.written AND t.id = x.id AND t.id = ANY (v_ids) AND coalesce(t.claim_token, 0) < l.token;
  UPDATE task_leases l SET written = true WHERE l.token = ANY (v_tokens) AND NOT l.written AND NOT EXISTS (
    SELECT FROM unnest(l.task_ids) AS x (id) JOIN tasks t ON t.id = x.id WHERE t.status = 'queued' AND coalesce(t.claim_token, 0) < l.token);
END $$;

-- What else follows once tasks have changed their status: slots and keys are given back, ready rows and dead letters written.
-- The rows are held by the caller.
CREATE FUNCTION sb_tasks_follow(p_ids uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM task_slots s USING tasks t WHERE t.id = ANY (p_ids) AND t.slotted AND s.task_id = t.id;
  INSERT INTO task_unique_keys (project_id, key, task_id)
    SELECT t.project_id, t.unique_key, t.id FROM tasks t
    WHERE t.id = ANY (p_ids) AND t.status = 'queued' AND t.unique_while = 'queued' ORDER BY 1, 2 ON CONFLICT DO NOTHING;
  DELETE FROM task_unique_keys u USING tasks t
    WHERE t.id = ANY (p_ids) AND t.finished_at IS NOT NULL AND t.unique_key IS NOT NULL
      AND u.project_id = t.project_id AND u.key = t.unique_key AND u.task_id = t.id;
  INSERT INTO task_ready SELECT t.queue, t.project_id, t.priority, t.run_at, t.id, t.type, t.required, t.concurrency_key,
      t.deadline - make_interval(secs => coalesce(t.estimated_ms, 0) / 1000.0)
    FROM tasks t WHERE t.id = ANY (p_ids) AND t.status = 'queued' ON CONFLICT DO NOTHING;
  INSERT INTO task_dead_letters (task_id, project_id, queue, type, status)
    SELECT t.id, t.project_id, t.queue, t.type, t.status FROM tasks t WHERE t.id = ANY (p_ids) AND t.status IN ('dead', 'failed')
    ON CONFLICT DO NOTHING;
END $$;

-- What follows once tasks have left their claims: the above, and those that depend on them are told.
CREATE FUNCTION sb_tasks_after_claim(p_ids uuid[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_told uuid[];
BEGIN
  PERFORM sb_tasks_follow(p_ids);
  SELECT array_agg(t.id ORDER BY t.id) INTO v_told FROM tasks t WHERE t.id = ANY (p_ids) AND t.has_dependents AND t.finished_at IS NOT NULL;
  IF v_told IS NOT NULL THEN PERFORM sb_tasks_settle(v_told); END IF;
END $$;

-- Takes away the claims whose time is over and raises their tokens, in one statement (design.md §4); an attempt that was lost
-- counts as failed (a task that kills its agents must not do so for ever). Looks at up to p_limit leases that are due.
CREATE FUNCTION sb_tasks_reap(p_limit integer)
RETURNS TABLE (id uuid, project_id uuid, session_id uuid, type text, queue text, status text, attempt integer, agent text, token bigint)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_tokens bigint[];
  v_ns integer[];
  v_ids uuid[];
  v_of bigint[];
  v_lost uuid[];
  v_next bigint;
BEGIN
  PERFORM sb_tasks_write_out(ARRAY(SELECT l.token FROM task_leases l
    WHERE NOT l.written AND l.claimed_at <= now() - interval '1 second' ORDER BY l.claimed_at LIMIT p_limit FOR UPDATE SKIP LOCKED));
  SELECT array_agg(l.token), array_agg(l.n) INTO v_tokens, v_ns FROM (
    SELECT l.token, l.n FROM task_leases l WHERE l.written AND l.check_at <= now() ORDER BY l.check_at LIMIT p_limit FOR UPDATE SKIP LOCKED) l;
  IF v_tokens IS NULL THEN RETURN; END IF;
  SELECT array_agg(x.id ORDER BY x.id), array_agg(l.token ORDER BY x.id) INTO v_ids, v_of
  FROM unnest(v_tokens, v_ns) AS d (token, n) JOIN task_leases l USING (token, n) CROSS JOIN unnest(l.task_ids) AS x (id);
  -- A row that somebody holds just now is left for the next time: nobody's pause may stop the reaper.
  SELECT array_agg(x.id) INTO v_lost FROM (
    SELECT t.id FROM unnest(v_ids, v_of) AS c (id, token) JOIN tasks t ON t.id = c.id
    WHERE t.claim_token = c.token AND t.status IN ('claimed', 'running') AND t.claim_expires_at <= now()
    ORDER BY t.id FOR UPDATE OF t SKIP LOCKED) x;

  IF v_lost IS NOT NULL THEN
    v_next := nextval('fencing_tokens');
    INSERT INTO task_past_attempts (task_id, attempt, project_id, agent, token, started_at, ended_at, outcome)
      SELECT t.id, t.attempt, t.project_id, t.claimed_by, t.claim_token, t.claimed_at, now(), 'lost' FROM tasks t WHERE t.id = ANY (v_lost);
    UPDATE tasks t SET status = CASE WHEN t.failures + 1 < t.max_attempts THEN 'queued' ELSE 'dead' END, failures = t.failures + 1,
      finished_at = CASE WHEN t.failures + 1 < t.max_attempts THEN NULL ELSE now() END, claim_expires_at = NULL, claim_token = v_next,
      error = '{"name": "CLAIM_LOST", "message": "The agent that held the task was not heard of in time.", "retryable": true}',
      version = t.version + 1, updated_at = now()
    WHERE t.id = ANY (v_lost);
    PERFORM sb_tasks_after_claim(v_lost);
    PERFORM sb_tasks_feed(array_agg(t.project_id), array_agg(t.id), array_agg(t.status)) FROM tasks t WHERE t.id = ANY (v_lost);
  END IF;

  -- Leases renewed meanwhile are looked at again when they end; those with nothing left go.
  WITH due AS (
    SELECT d.token, d.n, (SELECT min(t.claim_expires_at) FROM task_leases l CROSS JOIN unnest(l.task_ids) AS x (id) JOIN tasks t ON t.id = x.id
      WHERE l.token = d.token AND l.n = d.n AND t.claim_token = d.token AND t.status IN ('claimed', 'running')) AS next
    FROM unnest(v_tokens, v_ns) AS d (token, n)
  ), gone AS (
    DELETE FROM task_leases l USING due d WHERE l.token = d.token AND l.n = d.n AND d.next IS NULL
  )
  UPDATE task_leases l SET check_at = d.next FROM due d WHERE l.token = d.token AND l.n = d.n AND d.next IS NOT NULL;

  RETURN QUERY SELECT t.id, t.project_id, t.session_id, t.type, t.queue, t.status, t.attempt, t.claimed_by, t.claim_token
  FROM tasks t WHERE t.id = ANY (v_lost) ORDER BY t.id;
END $$;

-- Down Migration

DROP FUNCTION signalbox_enqueue(text, text, jsonb, text, integer, timestamptz, text, integer);
DROP FUNCTION sb_uuid7();
DROP FUNCTION sb_tasks_reap(integer);
DROP FUNCTION sb_tasks_after_claim(uuid[]);
DROP FUNCTION sb_tasks_follow(uuid[]);
DROP FUNCTION sb_tasks_end(uuid[], uuid[], bigint[], text[], jsonb[], jsonb[], boolean[], float8[], float8[], integer[]);
DROP FUNCTION sb_tasks_pick_limited(uuid, text, text[], text[], integer, uuid[]);
DROP FUNCTION sb_tasks_claim(uuid, text[], text[], text[], text[], integer[], float8, timestamptz[], uuid[], boolean);
DROP FUNCTION sb_tasks_write_out(bigint[]);
DROP FUNCTION sb_tasks_failed_status(boolean, integer, integer);
DROP FUNCTION sb_elements(anyarray);
DROP FUNCTION sb_tasks_enqueue(jsonb, boolean);
DROP FUNCTION sb_tasks_feed(uuid[], uuid[], text[]);
DROP TRIGGER trg_sessions_tasks_go ON sessions;
DROP TRIGGER trg_projects_tasks_go ON projects;
DROP FUNCTION sb_task_attempts(uuid);
DROP VIEW task_attempts;
DROP TABLE task_dead_letters;
DROP TABLE task_slots;
DROP TABLE task_unique_keys;
DROP TABLE task_idempotency_keys;
DROP TABLE task_past_attempts;
DROP TABLE task_leases;
DROP TABLE task_ready;
DROP FUNCTION sb_task_is_sound(tasks);
DROP TABLE tasks;
DROP TABLE task_queues;
DROP FUNCTION sb_tasks_go();
DROP FUNCTION sb_tasks_of_session_go();
DROP FUNCTION sb_tasks_of_project_go();
DROP FUNCTION sb_tasks_belong();
DROP FUNCTION sb_tasks_sound();
