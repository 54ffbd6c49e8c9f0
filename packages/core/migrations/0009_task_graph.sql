-- What tasks are to each other: prerequisites, parents and children. And what ends or revives tasks from outside:
-- cancelling, deadlines, redrive.
--
-- Locks are taken in one direction, so that two who meet do not wait for each other: ready rows before tasks, prerequisites
-- before those who wait for them, children before their parents; rows alike by id.

-- Up Migration

-- The stored graph never has a cycle, counting every edge whatever its state.
CREATE TABLE task_dependencies (
  task_id uuid NOT NULL,
  depends_on uuid NOT NULL,
  project_id uuid NOT NULL,
  on_failure text NOT NULL CONSTRAINT chk_task_dependencies_on_failure CHECK (on_failure IN ('fail', 'skip', 'continue')),
  -- A parent's wait for a task it was decomposed into.
  child boolean NOT NULL,
  -- open: the prerequisite is not over; met, broken: it is, and the task may go on or not; past: decided in an earlier wait.
  -- Written only by who holds the prerequisite's row, or where that is over.
  state text NOT NULL CONSTRAINT chk_task_dependencies_state CHECK (state IN ('open', 'met', 'broken', 'past')),
  PRIMARY KEY (task_id, depends_on),
  CONSTRAINT chk_task_dependencies_self CHECK (task_id <> depends_on)
);
CREATE INDEX idx_task_dependencies_on ON task_dependencies (depends_on);
-- What a decision looks at, however many prerequisites were met.
CREATE INDEX idx_task_dependencies_undecided ON task_dependencies (task_id, state) WHERE state IN ('open', 'broken');

-- A narrow row per waiting task, as task_ready has one per queued one.
CREATE TABLE task_waiting (
  task_id uuid PRIMARY KEY,
  project_id uuid NOT NULL,
  give_up_at timestamptz
);
CREATE INDEX idx_task_waiting_project ON task_waiting (project_id, task_id);
CREATE INDEX idx_task_waiting_give_up ON task_waiting (give_up_at) WHERE give_up_at IS NOT NULL;

-- When a deadline can no longer be met (COORD-23).
CREATE FUNCTION sb_tasks_give_up_at(p_deadline timestamptz, p_estimated_ms integer) RETURNS timestamptz LANGUAGE sql STABLE AS $$
  SELECT p_deadline - make_interval(secs => coalesce(p_estimated_ms, 0) / 1000.0)
$$;

-- Tells those who wait for work that tasks have become ready beside the verb that was called. Coalesced by the server; what makes
-- dependents ready is not hot.
CREATE FUNCTION sb_tasks_announce(p_queues text[]) RETURNS void LANGUAGE sql AS $$
  SELECT pg_notify('signalbox_bus', jsonb_build_object('from', 'sql', 'topic', 'tasks', 'n', txid_current(), 'message',
    jsonb_build_object('queues', to_jsonb(p_queues)))::text)
$$;

-- Plans are kept per connection, and one made while a table was small would read all of it later: below only indexes will do.

-- Takes the ready rows of tasks out; answers whose there were.
CREATE FUNCTION sb_tasks_unready(p_ids uuid[]) RETURNS uuid[] LANGUAGE plpgsql
  SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
  v_rows tid[];
  v_ids uuid[];
BEGIN
  SELECT array_agg(x.ctid), array_agg(x.id) INTO v_rows, v_ids FROM (
    SELECT r.ctid, t.id FROM tasks t JOIN task_ready r ON r.queue = t.queue AND r.project_id = t.project_id AND r.priority = t.priority
      AND r.run_at = t.run_at AND r.task_id = t.id
    WHERE t.id = ANY (p_ids) AND t.status = 'queued' ORDER BY t.id FOR UPDATE OF r) x;
  DELETE FROM task_ready WHERE ctid = ANY (v_rows);
  RETURN coalesce(v_ids, '{}');
END $$;

-- Makes tasks depend on others. Element n of the arrays is an edge. A row per task with the status it has now; with a problem:
-- `unknown` names a prerequisite that is not there, `busy` a task that is past waiting. After a problem the transaction must end.
CREATE FUNCTION sb_tasks_link(p_project uuid, p_tasks uuid[], p_on uuid[], p_policies text[], p_child boolean[])
RETURNS TABLE (id uuid, status text, problem text) LANGUAGE plpgsql
  SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
#variable_conflict use_column
DECLARE
  v_taken uuid[] := sb_tasks_unready(ARRAY(SELECT t.id FROM tasks t WHERE t.id = ANY (p_tasks) AND t.project_id = p_project));
BEGIN
  PERFORM FROM tasks t WHERE t.id = ANY (p_on) AND t.project_id = p_project ORDER BY t.id FOR UPDATE;
  RETURN QUERY SELECT DISTINCT x.id, NULL::text, 'unknown' FROM unnest(p_on) AS x (id)
    WHERE NOT EXISTS (SELECT FROM tasks t WHERE t.id = x.id AND t.project_id = p_project);
  IF FOUND THEN RETURN; END IF;

  PERFORM FROM tasks t WHERE t.id = ANY (p_tasks) AND t.project_id = p_project ORDER BY t.id FOR UPDATE;
  RETURN QUERY SELECT t.id, t.status, 'busy' FROM tasks t
    WHERE t.id = ANY (p_tasks) AND NOT (t.status = 'waiting' OR (t.status = 'queued' AND t.id = ANY (v_taken)));
  IF FOUND THEN RETURN; END IF;
  UPDATE tasks t SET status = 'waiting', version = t.version + 1, updated_at = now() WHERE t.id = ANY (p_tasks) AND t.status = 'queued';
  UPDATE tasks t SET has_dependents = true WHERE t.id = ANY (p_on) AND NOT t.has_dependents;
  INSERT INTO task_waiting SELECT t.id, t.project_id, sb_tasks_give_up_at(t.deadline, t.estimated_ms) FROM tasks t WHERE t.id = ANY (p_tasks)
    ON CONFLICT DO NOTHING;
  INSERT INTO task_dependencies (task_id, depends_on, project_id, on_failure, child, state)
    SELECT DISTINCT ON (x.task_id, x.depends_on) x.task_id, x.depends_on, p_project, x.policy, x.child, CASE WHEN t.finished_at IS NULL THEN 'open'
      WHEN t.status = 'completed' OR x.policy = 'continue' THEN 'met' ELSE 'broken' END
    FROM unnest(p_tasks, p_on, p_policies, p_child) AS x (task_id, depends_on, policy, child) JOIN tasks t ON t.id = x.depends_on
    ON CONFLICT (task_id, depends_on) DO UPDATE SET on_failure = excluded.on_failure,
      child = task_dependencies.child OR excluded.child, state = excluded.state;
  PERFORM sb_tasks_decide(ARRAY(SELECT DISTINCT x.id FROM unnest(p_tasks) AS x (id)));
  RETURN QUERY SELECT t.id, t.status, NULL::text FROM tasks t WHERE t.id = ANY (p_tasks);
END $$;

-- Notes in the edges that tasks are over; answers who depends on them. The caller holds the rows of the tasks. Edges are looked up
-- task by task: a plan that reads all open ones would make long chains quadratic.
CREATE FUNCTION sb_tasks_mark(p_ids uuid[]) RETURNS uuid[] LANGUAGE plpgsql
  SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off
  SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_dependents uuid[];
  v_on uuid[];
BEGIN
  SELECT array_agg(e.task_id), array_agg(e.depends_on) INTO v_dependents, v_on FROM unnest(p_ids) AS x (id)
    CROSS JOIN LATERAL (SELECT d.task_id, d.depends_on, d.state FROM task_dependencies d WHERE d.depends_on = x.id OFFSET 0) e
    WHERE e.state = 'open';
  IF v_dependents IS NULL THEN RETURN NULL; END IF;
  WITH marked AS (
    UPDATE task_dependencies d SET state = CASE WHEN t.status = 'completed' OR d.on_failure = 'continue' THEN 'met' ELSE 'broken' END
    FROM unnest(v_dependents, v_on) AS e (task_id, depends_on) JOIN tasks t ON t.id = e.depends_on AND t.finished_at IS NOT NULL
    WHERE d.task_id = e.task_id AND d.depends_on = e.depends_on AND d.state = 'open' RETURNING d.task_id
  )
  SELECT array_agg(DISTINCT m.task_id) INTO v_dependents FROM marked m;
  RETURN v_dependents;
END $$;

-- Decides about waiting tasks: all prerequisites over well (or not minded): queued, or completed with what the children came to;
-- one ended badly: failed or skipped by the edge's policy, a parent only once all its children are over. Goes on with those
-- that depend on these, in a loop: chains may be long.
--
-- Two transactions that end two prerequisites of a task at once both come here; the later one waits for the row, and each
-- statement after that sees the edges that the earlier one marked, so one of them decides.
CREATE FUNCTION sb_tasks_decide(p_ids uuid[]) RETURNS void LANGUAGE plpgsql
  SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off
  SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_look uuid[] := p_ids;
  v_decided uuid[];
  v_all uuid[] := '{}';
BEGIN
  WHILE v_look IS NOT NULL LOOP
    SELECT array_agg(x.id) INTO v_look FROM (
      SELECT t.id FROM tasks t WHERE t.id = ANY (v_look) AND t.status = 'waiting' ORDER BY t.id FOR UPDATE) x;
    EXIT WHEN v_look IS NULL;

    WITH judged AS (
      SELECT t.id, coalesce(CASE b.on_failure WHEN 'fail' THEN 'failed' WHEN 'skip' THEN 'skipped' END, t.resume_as) AS verdict,
        b.depends_on, p.status AS how
      FROM tasks t
      LEFT JOIN LATERAL (SELECT d.on_failure, d.depends_on FROM task_dependencies d WHERE d.task_id = t.id AND d.state = 'broken'
        ORDER BY d.on_failure, d.depends_on LIMIT 1) b ON true
      LEFT JOIN LATERAL (SELECT d.depends_on FROM task_dependencies d
        WHERE d.task_id = t.id AND d.state = 'open' AND (d.child OR b.depends_on IS NULL) LIMIT 1) o ON true
      LEFT JOIN tasks p ON p.id = b.depends_on
      WHERE t.id = ANY (v_look) AND o.depends_on IS NULL
    ), decided AS (
      UPDATE tasks t SET status = j.verdict, version = t.version + 1, updated_at = now(),
        finished_at = CASE WHEN j.verdict <> 'queued' THEN now() END,
        run_at = CASE WHEN j.verdict = 'queued' THEN greatest(t.run_at, now()) ELSE t.run_at END,
        result = CASE WHEN j.verdict = 'completed' THEN (
          SELECT jsonb_agg(jsonb_build_object('taskId', c.id, 'type', c.type, 'status', c.status, 'result', c.result) ORDER BY c.id)
          FROM task_dependencies d JOIN tasks c ON c.id = d.depends_on WHERE d.task_id = t.id AND d.child AND d.state <> 'past') END,
        error = CASE WHEN j.depends_on IS NOT NULL THEN jsonb_build_object('name', 'PREREQUISITE_FAILED', 'message',
          format('Task %s, which this one waited for, is %s.', j.depends_on, coalesce(j.how, 'gone')),
          'prerequisite', j.depends_on, 'retryable', false) END
      FROM judged j WHERE t.id = j.id RETURNING t.id
    )
    SELECT array_agg(d.id) INTO v_decided FROM decided d;
    EXIT WHEN v_decided IS NULL;
    DELETE FROM task_waiting w WHERE w.task_id = ANY (v_decided);
    PERFORM sb_tasks_follow(v_decided);
    v_all := v_all || v_decided;
    v_look := sb_tasks_mark(v_decided);
  END LOOP;
  IF cardinality(v_all) = 0 THEN RETURN; END IF;
  PERFORM sb_tasks_feed(array_agg(t.project_id ORDER BY t.id), array_agg(t.id ORDER BY t.id), array_agg(t.status ORDER BY t.id))
    FROM tasks t WHERE t.id = ANY (v_all);
  PERFORM sb_tasks_announce(array_agg(DISTINCT t.queue)) FROM tasks t WHERE t.id = ANY (v_all) AND t.status = 'queued' HAVING count(*) > 0;
END $$;

-- Tasks that others depend on are over. The caller holds their rows.
CREATE FUNCTION sb_tasks_settle(p_ids uuid[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_dependents uuid[] := sb_tasks_mark(p_ids);
BEGIN
  IF v_dependents IS NOT NULL THEN PERFORM sb_tasks_decide(v_dependents); END IF;
END $$;

-- Stops tasks that have one of the statuses p_from, whoever holds them, and cancels all below them that is not over: a parent
-- that is over has no use for its children. Claims are lost with that. Answers the ids of all that were stopped.
CREATE FUNCTION sb_tasks_stop(p_ids uuid[], p_from text[], p_status text, p_error jsonb) RETURNS uuid[] LANGUAGE plpgsql
  SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
  v_stopped uuid[] := '{}';
  v_family uuid[];
BEGIN
  LOOP
    -- In the first round the tasks and all below them, then what was added below meanwhile.
    WITH RECURSIVE family AS (
      SELECT t.id, 0 AS depth FROM tasks t
      WHERE t.id = ANY (CASE WHEN cardinality(v_stopped) = 0 THEN p_ids ELSE v_stopped END)
        AND (t.status = ANY (p_from) OR t.id = ANY (v_stopped)) AND t.finished_at IS NULL
      UNION ALL
      SELECT c.id, f.depth + 1 FROM family f JOIN tasks c ON c.parent_id = f.id AND c.finished_at IS NULL
    )
    SELECT array_agg(f.id ORDER BY f.depth DESC, f.id) INTO v_family FROM (
      SELECT x.id, max(x.depth) AS depth FROM family x WHERE x.id <> ALL (v_stopped) GROUP BY x.id) f;
    EXIT WHEN v_family IS NULL;
    -- The ready row before the task, as claims take them. Whoever claimed it meanwhile loses it below; whoever gave it back
    -- meanwhile has its new row taken at the end.
    PERFORM sb_tasks_unready(v_family);
    SELECT array_agg(x.id) INTO v_family FROM (
      SELECT t.id FROM unnest(v_family) WITH ORDINALITY AS f (id, n) JOIN tasks t ON t.id = f.id
      WHERE t.finished_at IS NULL AND (t.status = ANY (p_from) OR t.id <> ALL (p_ids)) ORDER BY f.n FOR UPDATE OF t) x;
    EXIT WHEN v_family IS NULL;
    v_stopped := v_stopped || v_family;
  END LOOP;
  IF cardinality(v_stopped) = 0 THEN RETURN v_stopped; END IF;

  PERFORM sb_tasks_unready(v_stopped);
  INSERT INTO task_past_attempts (task_id, attempt, project_id, agent, token, started_at, ended_at, outcome)
    SELECT t.id, t.attempt, t.project_id, t.claimed_by, t.claim_token, t.claimed_at, now(), 'cancelled' FROM tasks t
    WHERE t.id = ANY (v_stopped) AND t.status IN ('claimed', 'running');
  UPDATE tasks t SET status = CASE WHEN t.id = ANY (p_ids) THEN p_status ELSE 'cancelled' END,
    error = CASE WHEN t.id = ANY (p_ids) THEN coalesce(p_error, t.error) ELSE t.error END,
    claim_expires_at = NULL, claim_token = nextval('fencing_tokens'), version = t.version + 1, updated_at = now(), finished_at = now()
  WHERE t.id = ANY (v_stopped);
  DELETE FROM task_waiting w WHERE w.task_id = ANY (v_stopped);
  PERFORM sb_tasks_after_claim(v_stopped);
  PERFORM sb_tasks_feed(array_agg(t.project_id ORDER BY t.id), array_agg(t.id ORDER BY t.id), array_agg(t.status ORDER BY t.id))
    FROM tasks t WHERE t.id = ANY (v_stopped);
  RETURN v_stopped;
END $$;

-- Cancels tasks, or those of a session, with all below them (cancel always wins). Answers the ids of those that were not over.
CREATE FUNCTION sb_tasks_cancel(p_project uuid, p_ids uuid[], p_session uuid) RETURNS SETOF uuid LANGUAGE sql AS $$
  SELECT unnest(sb_tasks_stop(ARRAY(SELECT t.id FROM tasks t WHERE t.project_id = p_project AND t.id = ANY (p_ids)
      UNION SELECT t.id FROM tasks t WHERE t.project_id = p_project AND t.session_id = p_session),
    ARRAY['queued', 'waiting', 'held', 'claimed', 'running'], 'cancelled', NULL))
$$;

-- Fails queued and waiting tasks that can no longer meet their deadline (COORD-23), up to p_limit of each. Answers how many ended.
CREATE FUNCTION sb_tasks_give_up(p_limit integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  v_error jsonb := '{"name": "DEADLINE_MISSED", "message": "The task can no longer be done by its deadline.", "retryable": false}';
  v_rows tid[];
  v_queued uuid[];
  v_waiting uuid[];
  v_count integer := 0;
BEGIN
  SELECT array_agg(x.ctid), array_agg(x.task_id) INTO v_rows, v_queued FROM (
    SELECT r.ctid, r.task_id FROM task_ready r WHERE r.give_up_at <= now() ORDER BY r.give_up_at LIMIT p_limit FOR UPDATE SKIP LOCKED) x;
  IF v_queued IS NOT NULL THEN
    DELETE FROM task_ready WHERE ctid = ANY (v_rows);
    v_count := cardinality(sb_tasks_stop(v_queued, ARRAY['queued'], 'failed', v_error));
  END IF;
  -- Not locked: whoever decides about a waiting task holds the task first.
  SELECT array_agg(x.task_id) INTO v_waiting FROM (
    SELECT w.task_id FROM task_waiting w WHERE w.give_up_at <= now() ORDER BY w.give_up_at LIMIT p_limit) x;
  IF v_waiting IS NOT NULL THEN v_count := v_count + cardinality(sb_tasks_stop(v_waiting, ARRAY['waiting'], 'failed', v_error)); END IF;
  RETURN v_count;
END $$;

-- Gives failed and dead tasks all their attempts again: queued, or waiting where a prerequisite is not over (redriven too, as a
-- rule). A deadline that is missed already is dropped. A row per task that there is: its status, and the problem for which it was left.
CREATE FUNCTION sb_tasks_redrive(p_project uuid, p_ids uuid[]) RETURNS TABLE (id uuid, queue text, status text, problem text)
LANGUAGE plpgsql
  SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
#variable_conflict use_column
DECLARE
  v_ids uuid[];
  v_taken uuid[];
  v_waiting uuid[];
BEGIN
  -- The prerequisites too: their edges are written below.
  PERFORM FROM tasks t WHERE t.project_id = p_project AND t.id IN (
      SELECT unnest(p_ids) UNION SELECT d.depends_on FROM task_dependencies d WHERE d.task_id = ANY (p_ids) AND NOT d.child)
    ORDER BY t.id FOR UPDATE;
  SELECT array_agg(t.id) INTO v_ids FROM tasks t
    WHERE t.project_id = p_project AND t.id = ANY (p_ids) AND t.status IN ('dead', 'failed') AND t.type <> 'session.run';
  WITH kept AS (
    INSERT INTO task_unique_keys (project_id, key, task_id) SELECT t.project_id, t.unique_key, t.id FROM tasks t
      WHERE t.id = ANY (v_ids) AND t.unique_while = 'live' ORDER BY t.unique_key, t.id ON CONFLICT DO NOTHING RETURNING task_id
  )
  SELECT array_agg(t.id) INTO v_taken FROM tasks t
    WHERE t.id = ANY (v_ids) AND t.unique_while = 'live' AND NOT EXISTS (SELECT FROM kept k WHERE k.task_id = t.id);
  v_ids := ARRAY(SELECT x.id FROM unnest(v_ids) AS x (id) WHERE v_taken IS NULL OR x.id <> ALL (v_taken));

  UPDATE tasks t SET status = 'queued', failures = 0, resume_as = 'queued', finished_at = NULL, result = NULL, error = NULL,
    deadline = CASE WHEN sb_tasks_give_up_at(t.deadline, t.estimated_ms) > now() THEN t.deadline END,
    run_at = now(), version = t.version + 1, updated_at = now()
  WHERE t.id = ANY (v_ids);
  DELETE FROM task_dead_letters d WHERE d.task_id = ANY (v_ids);
  UPDATE task_dependencies d SET state = CASE WHEN t.finished_at IS NULL AND NOT d.child THEN 'open' ELSE 'past' END
    FROM tasks t WHERE d.task_id = ANY (v_ids) AND t.id = d.depends_on;
  -- Whoever still waits, for others, waits for these again.
  UPDATE task_dependencies d SET state = 'open' FROM tasks w
    WHERE d.depends_on = ANY (v_ids) AND w.id = d.task_id AND w.status = 'waiting' AND d.state IN ('met', 'broken');
  v_waiting := ARRAY(SELECT DISTINCT d.task_id FROM task_dependencies d WHERE d.task_id = ANY (v_ids) AND d.state = 'open');
  UPDATE tasks t SET status = 'waiting' WHERE t.id = ANY (v_waiting);
  INSERT INTO task_waiting SELECT t.id, t.project_id, sb_tasks_give_up_at(t.deadline, t.estimated_ms) FROM tasks t WHERE t.id = ANY (v_waiting);
  PERFORM sb_tasks_follow(v_ids);
  PERFORM sb_tasks_feed(array_agg(t.project_id ORDER BY t.id), array_agg(t.id ORDER BY t.id), array_agg(t.status ORDER BY t.id))
    FROM tasks t WHERE t.id = ANY (v_ids) HAVING count(*) > 0;
  RETURN QUERY SELECT t.id, t.queue, t.status, CASE WHEN t.id = ANY (v_ids) THEN NULL WHEN t.id = ANY (v_taken) THEN 'TASK_DUPLICATE'
      WHEN t.type = 'session.run' THEN 'TASK_OF_SESSION' ELSE 'TASK_INVALID_TRANSITION' END
    FROM tasks t WHERE t.project_id = p_project AND t.id = ANY (p_ids);
END $$;

-- Edges go with their tasks. A prerequisite that goes before it was over has ended badly.
CREATE FUNCTION sb_tasks_edges_go() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  v_dependents uuid[];
BEGIN
  DELETE FROM task_waiting w USING gone g WHERE w.task_id = g.id;
  -- In the order of their keys: of an edge somebody may delete one end, and somebody else the other.
  PERFORM FROM (
    SELECT d.task_id, d.depends_on FROM gone g JOIN task_dependencies d ON d.task_id = g.id
    UNION SELECT d.task_id, d.depends_on FROM gone g JOIN task_dependencies d ON d.depends_on = g.id) e
    JOIN task_dependencies d ON d.task_id = e.task_id AND d.depends_on = e.depends_on ORDER BY d.task_id, d.depends_on FOR UPDATE OF d;
  DELETE FROM task_dependencies d USING gone g WHERE d.task_id = g.id;
  WITH marked AS (
    UPDATE task_dependencies d SET state = CASE d.on_failure WHEN 'continue' THEN 'met' ELSE 'broken' END
    FROM gone g WHERE d.depends_on = g.id AND d.state = 'open' RETURNING d.task_id
  )
  SELECT array_agg(DISTINCT m.task_id) INTO v_dependents FROM marked m;
  IF v_dependents IS NOT NULL THEN PERFORM sb_tasks_decide(v_dependents); END IF;
  DELETE FROM task_dependencies d USING gone g WHERE d.depends_on = g.id;
  RETURN NULL;
END $$;
CREATE TRIGGER trg_tasks_edges_go AFTER DELETE ON tasks REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION sb_tasks_edges_go();

-- Down Migration

DROP TRIGGER trg_tasks_edges_go ON tasks;
DROP FUNCTION sb_tasks_edges_go();
DROP FUNCTION sb_tasks_redrive(uuid, uuid[]);
DROP FUNCTION sb_tasks_give_up(integer);
DROP FUNCTION sb_tasks_cancel(uuid, uuid[], uuid);
DROP FUNCTION sb_tasks_stop(uuid[], text[], text, jsonb);
DROP FUNCTION sb_tasks_settle(uuid[]);
DROP FUNCTION sb_tasks_decide(uuid[]);
DROP FUNCTION sb_tasks_mark(uuid[]);
DROP FUNCTION sb_tasks_link(uuid, uuid[], uuid[], text[], boolean[]);
DROP FUNCTION sb_tasks_unready(uuid[]);
DROP FUNCTION sb_tasks_announce(text[]);
DROP FUNCTION sb_tasks_give_up_at(timestamptz, integer);
DROP TABLE task_waiting;
DROP TABLE task_dependencies;
