-- Agents (COORD, CLU-001…010): who they are, whether they live, what they are given, and what they did before.

-- Up Migration

-- One row per project, made with it.
CREATE TABLE agent_settings (
  project_id uuid PRIMARY KEY CONSTRAINT fk_agent_settings_project REFERENCES projects ON DELETE CASCADE,
  -- Seconds (COORD-06).
  heartbeat_interval double precision NOT NULL DEFAULT 30 CONSTRAINT chk_agent_settings_interval CHECK (heartbeat_interval > 0),
  heartbeat_timeout double precision NOT NULL DEFAULT 90 CONSTRAINT chk_agent_settings_timeout CHECK (heartbeat_timeout > 0),
  max_missed_heartbeats integer NOT NULL DEFAULT 3 CONSTRAINT chk_agent_settings_missed CHECK (max_missed_heartbeats >= 1),
  enable_auto_recovery boolean NOT NULL DEFAULT true,
  recovery_delay double precision NOT NULL DEFAULT 60 CONSTRAINT chk_agent_settings_recovery CHECK (recovery_delay >= 0),
  -- Queues whose tasks are given to agents; from all others agents take for themselves.
  assign_queues text[] NOT NULL DEFAULT '{}',
  strategy text NOT NULL DEFAULT 'least-loaded' CONSTRAINT chk_agent_settings_strategy CHECK (strategy IN (
    'round-robin', 'least-loaded', 'priority-based', 'capability-weighted', 'dynamic', 'affinity')),
  strategy_config jsonb NOT NULL DEFAULT '{}' CONSTRAINT chk_agent_settings_config CHECK (jsonb_typeof(strategy_config) = 'object'),
  handoff_days integer NOT NULL DEFAULT 30 CONSTRAINT chk_agent_settings_handoff_days CHECK (handoff_days >= 1),
  -- Whose turn round-robin had last: a place in the order of registration.
  rotation bigint NOT NULL DEFAULT 0,
  -- Handoffs ever made; their records are kept only so long.
  handoff_count bigint NOT NULL DEFAULT 0,
  version integer NOT NULL DEFAULT 1,
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX idx_agent_settings_assign ON agent_settings (project_id) WHERE assign_queues <> '{}';

CREATE FUNCTION sb_agent_settings_come() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO agent_settings (project_id) VALUES (NEW.id);
  RETURN NULL;
END $$;
CREATE TRIGGER trg_projects_agent_settings AFTER INSERT ON projects FOR EACH ROW EXECUTE FUNCTION sb_agent_settings_come();
INSERT INTO agent_settings (project_id) SELECT id FROM projects;

CREATE SEQUENCE agent_registrations;

CREATE TABLE agents (
  project_id uuid NOT NULL CONSTRAINT fk_agents_project REFERENCES projects ON DELETE CASCADE,
  -- The name that the agent gives itself.
  id text NOT NULL CONSTRAINT chk_agents_id CHECK (length(id) BETWEEN 1 AND 100),
  -- Order of first registration: ties go to the earliest (COORD-30…35).
  seq bigint NOT NULL DEFAULT nextval('agent_registrations'),
  type text NOT NULL CONSTRAINT chk_agents_type CHECK (length(type) BETWEEN 1 AND 100),
  -- [{name, version}], sorted by name.
  capabilities jsonb NOT NULL DEFAULT '[]' CONSTRAINT chk_agents_capabilities CHECK (jsonb_typeof(capabilities) = 'array'),
  -- Higher is preferred.
  priority double precision NOT NULL,
  max_load integer NOT NULL CONSTRAINT chk_agents_max_load CHECK (max_load >= 1),
  -- What people decided about it, and whether it lives as far as we heard. Both together, and its load, make its status.
  duty text NOT NULL DEFAULT 'active' CONSTRAINT chk_agents_duty CHECK (duty IN ('active', 'draining', 'maintenance')),
  liveness text NOT NULL DEFAULT 'alive' CONSTRAINT chk_agents_liveness CHECK (liveness IN ('alive', 'suspected', 'dead')),
  -- It counts as heard of then, whatever its presence says: registered, resumed, revived.
  seen_from timestamptz NOT NULL DEFAULT now(),
  dead_at timestamptz,
  -- Whether it was called after its death, and when.
  recovery text CONSTRAINT chk_agents_recovery CHECK (recovery IN ('attempted', 'failed')),
  recovery_at timestamptz,
  metadata jsonb NOT NULL DEFAULT '{}' CONSTRAINT chk_agents_metadata CHECK (jsonb_typeof(metadata) = 'object'),
  version integer NOT NULL DEFAULT 1,
  registered_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (project_id, id),
  CONSTRAINT chk_agents_dead CHECK ((liveness = 'dead') = (dead_at IS NOT NULL)),
  CONSTRAINT chk_agents_maintained CHECK (duty <> 'maintenance' OR liveness = 'alive'),
  CONSTRAINT chk_agents_recovery_at CHECK ((recovery IS NULL) = (recovery_at IS NULL) AND (recovery IS NULL OR liveness = 'dead'))
);
CREATE INDEX idx_agents_dead ON agents (dead_at) WHERE liveness = 'dead';

-- The machine of liveness; the code holds the same table. Duty is free: people decide.
CREATE FUNCTION sb_agents_liveness() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (OLD.liveness, NEW.liveness) NOT IN (('alive', 'suspected'), ('alive', 'dead'), ('suspected', 'dead'), ('suspected', 'alive'),
      ('dead', 'alive')) THEN
    RAISE EXCEPTION 'an agent does not go from % to %', OLD.liveness, NEW.liveness
      USING ERRCODE = '23514', CONSTRAINT = 'chk_agents_liveness_transition';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER trg_agents_liveness BEFORE UPDATE ON agents FOR EACH ROW WHEN (OLD.liveness IS DISTINCT FROM NEW.liveness)
  EXECUTE FUNCTION sb_agents_liveness();

-- Heartbeats. Unlogged, since liveness need not survive a crash (design.md §5).
CREATE UNLOGGED TABLE agent_presence (
  project_id uuid NOT NULL,
  agent_id text NOT NULL,
  heartbeat_at timestamptz NOT NULL,
  -- What the agent says it does besides the tasks it holds here.
  load integer CONSTRAINT chk_agent_presence_load CHECK (load >= 0),
  status text CONSTRAINT chk_agent_presence_status CHECK (status IN ('active', 'busy', 'idle')),
  PRIMARY KEY (project_id, agent_id)
) WITH (fillfactor = 50);

-- Since when heartbeats can be believed: the one row goes with the presences in a crash or a promotion, and the next scan makes
-- it anew; it moves on when the server was started since, and when nobody had scanned for long. Before that nobody is called silent.
CREATE UNLOGGED TABLE agent_watch (
  one boolean PRIMARY KEY DEFAULT true CONSTRAINT chk_agent_watch_one CHECK (one),
  heard_since timestamptz NOT NULL,
  server_started timestamptz NOT NULL DEFAULT pg_postmaster_start_time(),
  scanned_at timestamptz NOT NULL
);

-- What agents made of tasks, by type and place; place '' is any, others are where the task was at home (sb_task_places). Agent ''
-- stands for those that are gone. Attempts whose lease is still there are not in it yet.
CREATE TABLE agent_outcomes (
  project_id uuid NOT NULL CONSTRAINT fk_agent_outcomes_project REFERENCES projects ON DELETE CASCADE,
  agent_id text NOT NULL,
  type text NOT NULL,
  place text NOT NULL DEFAULT '',
  completed bigint NOT NULL DEFAULT 0,
  failed bigint NOT NULL DEFAULT 0,
  -- Sum over the completed ones, from claim to completion.
  ms double precision NOT NULL DEFAULT 0,
  last_at timestamptz NOT NULL,
  PRIMARY KEY (project_id, agent_id, type, place)
);

-- Agents that were unregistered. What comes of leases that they leave behind counts for their project: of those which the reaper has
-- not looked at yet, and of claims that were under way just then.
CREATE TABLE agent_departures (
  project_id uuid NOT NULL CONSTRAINT fk_agent_departures_project REFERENCES projects ON DELETE CASCADE,
  agent_id text NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (project_id, agent_id)
);

-- Tasks given to agents that have not said yet that they know.
CREATE TABLE task_assignments (
  project_id uuid NOT NULL,
  agent_id text NOT NULL,
  task_id uuid NOT NULL,
  token bigint NOT NULL,
  delivered_at timestamptz,
  PRIMARY KEY (project_id, agent_id, task_id)
);

CREATE TABLE handoffs (
  id uuid PRIMARY KEY,
  project_id uuid NOT NULL,
  session_id uuid NOT NULL CONSTRAINT fk_handoffs_session REFERENCES sessions ON DELETE CASCADE,
  from_agent text NOT NULL,
  to_agent text NOT NULL CONSTRAINT chk_handoffs_agents CHECK (to_agent <> from_agent),
  reason text NOT NULL,
  context jsonb NOT NULL DEFAULT '{}',
  priority integer NOT NULL,
  estimated_ms integer,
  task_ids uuid[] NOT NULL,
  -- Where the journal stood: from the next event on it is the new agent's.
  journal_seq bigint NOT NULL,
  token bigint NOT NULL,
  at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX idx_handoffs_project ON handoffs (project_id, at, id);
CREATE INDEX idx_handoffs_session ON handoffs (session_id);

-- How an agent stands. One place for the rule: COORD-13 with what people decided and what the watch found.
CREATE FUNCTION sb_agent_status(p_duty text, p_liveness text, p_said text, p_load bigint, p_max_load integer) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN p_liveness = 'dead' THEN 'dead' WHEN p_duty = 'maintenance' THEN 'maintenance'
    WHEN p_liveness = 'suspected' THEN 'suspected' WHEN p_duty = 'draining' THEN 'draining'
    WHEN p_load >= p_max_load OR p_said = 'busy' THEN 'busy' WHEN p_said = 'idle' THEN 'idle' ELSE 'active' END
$$;

-- Whether a lease holds a task: the claim stands in the task, or in the lease alone (see task_leases), and is not over.
CREATE FUNCTION sb_lease_holds(p_token bigint, p_written boolean, p_check_at timestamptz, p_status text, p_claim_token bigint,
  p_expires_at timestamptz) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN p_status = 'queued' THEN NOT p_written AND p_check_at > now() AND coalesce(p_claim_token, 0) < p_token
    ELSE p_claim_token = p_token AND p_status IN ('claimed', 'running') AND p_expires_at > now() END
$$;

-- What an agent holds.
CREATE FUNCTION sb_tasks_held(p_project uuid, p_agent text)
RETURNS TABLE (task_id uuid, token bigint, type text, status text, session_id uuid, required text[])
LANGUAGE sql STABLE ROWS 10 SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
  SELECT t.id, l.token, t.type, t.status, t.session_id, t.required
  FROM task_leases l CROSS JOIN unnest(l.task_ids) AS x (id) JOIN tasks t ON t.id = x.id
  WHERE l.project_id = p_project AND l.agent = p_agent
    AND sb_lease_holds(l.token, l.written, l.check_at, t.status, t.claim_token, t.claim_expires_at)
$$;

-- What agents hold and have done: a row for each of them. What came of leases that are still there stands in no total yet.
CREATE FUNCTION sb_agents_work(p_projects uuid[], p_agents text[])
RETURNS TABLE (project_id uuid, agent text, held bigint, sessions uuid[], last_claim timestamptz, completed bigint, failed bigint, ms float8)
LANGUAGE plpgsql STABLE SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
  SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  WITH keys AS MATERIALIZED (
    SELECT k.project_id, k.agent FROM unnest(p_projects, p_agents) AS k (project_id, agent)
  ), lent AS MATERIALIZED (
    SELECT k.project_id, k.agent, l.token, l.written, l.check_at, l.claimed_at, x.id
    FROM keys k JOIN task_leases l ON l.project_id = k.project_id AND l.agent = k.agent CROSS JOIN unnest(l.task_ids) AS x (id)
  ), parts AS (
    SELECT k.project_id, k.agent, 0 AS held, NULL::uuid AS session_id, NULL::timestamptz AS claimed_at, 0::bigint AS completed, 0::bigint AS failed,
      0::float8 AS ms FROM keys k
    UNION ALL SELECT l.project_id, l.agent, 1, t.session_id, l.claimed_at, 0, 0, 0 FROM lent l JOIN tasks t ON t.id = l.id
      WHERE sb_lease_holds(l.token, l.written, l.check_at, t.status, t.claim_token, t.claim_expires_at)
    UNION ALL SELECT k.project_id, k.agent, 0, NULL, NULL, o.completed, o.failed, o.ms FROM keys k
      JOIN agent_outcomes o ON o.project_id = k.project_id AND o.agent_id = k.agent AND o.place = ''
    UNION ALL SELECT l.project_id, l.agent, 0, NULL, NULL, (a.outcome = 'completed')::integer, (a.outcome <> 'completed')::integer,
        CASE WHEN a.outcome = 'completed' THEN date_part('epoch', a.ended_at - a.started_at) * 1000 ELSE 0 END
      FROM lent l JOIN LATERAL sb_task_attempts(l.id) a ON a.token = l.token AND a.outcome IN ('completed', 'failed', 'lost')
  )
  SELECT p.project_id, p.agent, sum(p.held)::bigint, coalesce(array_agg(DISTINCT p.session_id) FILTER (WHERE p.session_id IS NOT NULL), '{}'),
    max(p.claimed_at), sum(p.completed)::bigint, sum(p.failed)::bigint, sum(p.ms) FROM parts p GROUP BY 1, 2;
END $$;

-- The same for every agent of a project; null: of all projects.
CREATE FUNCTION sb_agents_work_in(p_project uuid)
RETURNS TABLE (project_id uuid, agent text, held bigint, sessions uuid[], last_claim timestamptz, completed bigint, failed bigint, ms float8)
LANGUAGE sql STABLE AS $$
  SELECT w.* FROM (SELECT array_agg(a.project_id) AS projects, array_agg(a.id) AS ids FROM agents a
    WHERE p_project IS NULL OR a.project_id = p_project) k CROSS JOIN LATERAL sb_agents_work(k.projects, k.ids) w
$$;

-- Where a task is at home: its session's workspace, and the directories of the paths that its payload names.
CREATE FUNCTION sb_task_places(p_session uuid, p_payload jsonb) RETURNS text[] LANGUAGE sql STABLE AS $$
  SELECT array_agg(DISTINCT x.place) FROM (
    SELECT 'workspace:' || s.workspace_id AS place FROM sessions s WHERE s.id = p_session AND s.workspace_id IS NOT NULL
    UNION ALL SELECT 'workspace:' || (p_payload ->> 'workspaceId') WHERE p_payload ? 'workspaceId'
    UNION ALL SELECT 'path:' || left(coalesce(substring(p.path FROM '^([^*?\[{]*)/'), '.'), 255)
      FROM jsonb_array_elements_text(CASE WHEN jsonb_typeof(p_payload -> 'paths') = 'array' THEN p_payload -> 'paths' ELSE '[]' END)
        WITH ORDINALITY AS p (path, n) WHERE p.n <= 20
  ) x
$$;

-- Attempts under leases are read from there. When a lease goes, what came of it is added up for the agents that are registered, and
-- for those that were, together. An agent may go while this looks at it: its row is then of nobody who is registered, and so counts as theirs.
CREATE FUNCTION sb_agents_learn() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- Most leases of a busy queue are of workers that never registered: looked at first, since a plan for all of it may join their tasks before
  -- it finds that.
  IF NOT EXISTS (SELECT FROM gone g WHERE EXISTS (SELECT FROM agents a WHERE a.project_id = g.project_id AND a.id = g.agent)
      OR EXISTS (SELECT FROM agent_departures d WHERE d.project_id = g.project_id AND d.agent_id = g.agent)) THEN RETURN NULL; END IF;
  INSERT INTO agent_outcomes AS o (project_id, agent_id, type, place, completed, failed, ms, last_at)
  SELECT g.project_id, k.agent_id, t.type, p.place, count(*) FILTER (WHERE e.outcome = 'completed'), count(*) FILTER (WHERE e.outcome <> 'completed'),
    coalesce(sum(extract(epoch FROM e.ended_at - e.started_at)::float8 * 1000) FILTER (WHERE e.outcome = 'completed'), 0), max(e.ended_at)
  FROM gone g CROSS JOIN LATERAL (
    SELECT a.id AS agent_id FROM agents a WHERE a.project_id = g.project_id AND a.id = g.agent
    UNION ALL SELECT '' FROM agent_departures d WHERE d.project_id = g.project_id AND d.agent_id = g.agent
      AND NOT EXISTS (SELECT FROM agents a WHERE a.project_id = g.project_id AND a.id = g.agent)
  ) k CROSS JOIN unnest(g.task_ids) AS x (id)
  JOIN LATERAL sb_task_attempts(x.id) e ON e.token = g.token AND e.outcome IN ('completed', 'failed', 'lost')
  JOIN tasks t ON t.id = x.id
  CROSS JOIN LATERAL unnest(CASE k.agent_id WHEN '' THEN ARRAY[''] ELSE ARRAY[''] || sb_task_places(t.session_id, t.payload) END) AS p (place)
  -- Those that are gone last, as when an agent leaves.
  GROUP BY 1, 2, 3, 4 ORDER BY 1, 2 DESC, 3, 4
  ON CONFLICT (project_id, agent_id, type, place) DO UPDATE SET completed = o.completed + excluded.completed,
    failed = o.failed + excluded.failed, ms = o.ms + excluded.ms, last_at = greatest(o.last_at, excluded.last_at);
  RETURN NULL;
END $$;
CREATE TRIGGER trg_task_leases_learn AFTER DELETE ON task_leases REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT EXECUTE FUNCTION sb_agents_learn();

-- Registers a whole batch of agents (COORD-10); those known keep their history. p_agents is [{n, project, id, type, capabilities,
-- priority, maxLoad, metadata, load, status, duty}], each agent once. A row per agent.
CREATE FUNCTION sb_agents_register(p_agents jsonb) RETURNS TABLE (n integer, created boolean) LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  WITH given AS MATERIALIZED (
    SELECT x.*, nextval('agent_registrations') AS seq FROM (
      SELECT * FROM jsonb_to_recordset(p_agents) AS g (n integer, project uuid, id text, type text, capabilities jsonb, priority float8,
        "maxLoad" integer, metadata jsonb, load integer, status text, duty text) ORDER BY g.n) x
  ), made AS (
    INSERT INTO agents AS a (project_id, id, seq, type, capabilities, priority, max_load, metadata, duty)
    SELECT g.project, g.id, g.seq, g.type, g.capabilities, g.priority, g."maxLoad", g.metadata, g.duty
    FROM given g ORDER BY g.project, g.id
    ON CONFLICT (project_id, id) DO UPDATE SET type = excluded.type, capabilities = excluded.capabilities, priority = excluded.priority,
      max_load = excluded.max_load, metadata = excluded.metadata, liveness = 'alive', dead_at = NULL, recovery = NULL, recovery_at = NULL,
      -- Who comes anew is not draining any more; maintenance ends when people say so.
      duty = CASE WHEN a.duty = 'maintenance' THEN a.duty ELSE excluded.duty END,
      seen_from = now(), version = a.version + 1, updated_at = now()
    RETURNING a.project_id, a.id, a.version = 1 AS created
  ), present AS (
    INSERT INTO agent_presence (project_id, agent_id, heartbeat_at, load, status)
    SELECT g.project, g.id, now(), g.load, g.status FROM given g ORDER BY g.project, g.id
    ON CONFLICT (project_id, agent_id) DO UPDATE SET heartbeat_at = excluded.heartbeat_at, load = excluded.load, status = excluded.status
  ), fed AS (
    INSERT INTO feed_entries (project_id, topic, payload)
    SELECT g.project, 'agent', jsonb_build_object('event', 'agent:registered', 'count', count(*),
      'agentIds', to_jsonb((array_agg(g.id ORDER BY g.n))[1:20])) FROM given g GROUP BY g.project
  )
  SELECT g.n, m.created FROM made m JOIN given g ON g.project = m.project_id AND g.id = m.id;
END $$;

-- Takes in a whole batch of heartbeats (COORD-12), each agent once. Element n of the arrays is call n; null leaves as it was. A row
-- per agent that is registered: how it stood before, and whether there are tasks that it was given and does not know of.
CREATE FUNCTION sb_agents_heartbeat(p_projects uuid[], p_ids text[], p_loads integer[], p_statuses text[], p_metadata jsonb[])
RETURNS TABLE (n integer, duty text, liveness text, given boolean)
LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
#variable_conflict use_column
DECLARE
  v_known integer[];
  v_duties text[];
  v_livenesses text[];
  v_given boolean[];
BEGIN
  SELECT array_agg(c.n::integer), array_agg(a.duty), array_agg(a.liveness), array_agg(EXISTS (
    SELECT FROM task_assignments t WHERE t.project_id = c.project_id AND t.agent_id = c.id))
  INTO v_known, v_duties, v_livenesses, v_given
  FROM unnest(p_projects, p_ids) WITH ORDINALITY AS c (project_id, id, n) JOIN agents a ON a.project_id = c.project_id AND a.id = c.id;

  IF num_nulls(VARIADIC p_metadata) < cardinality(p_metadata) THEN
    UPDATE agents a SET metadata = a.metadata || x.metadata, version = a.version + 1, updated_at = now() FROM (
      SELECT a.project_id, a.id, m.metadata FROM unnest(p_projects, p_ids, p_metadata) AS m (project_id, id, metadata)
      JOIN agents a ON a.project_id = m.project_id AND a.id = m.id
      WHERE m.metadata IS NOT NULL AND NOT a.metadata @> m.metadata ORDER BY 1, 2 FOR UPDATE OF a) x
    WHERE a.project_id = x.project_id AND a.id = x.id;
  END IF;

  IF v_livenesses && ARRAY['suspected', 'dead'] THEN
    WITH back AS (
      SELECT a.project_id, a.id, a.liveness, a.recovery FROM unnest(v_known) AS k (n)
      JOIN agents a ON a.project_id = p_projects[k.n] AND a.id = p_ids[k.n]
      WHERE a.liveness <> 'alive' ORDER BY 1, 2 FOR UPDATE OF a
    ), revived AS (
      UPDATE agents a SET liveness = 'alive', dead_at = NULL, recovery = NULL, recovery_at = NULL, seen_from = now(),
        version = a.version + 1, updated_at = now()
      FROM back b WHERE a.project_id = b.project_id AND a.id = b.id
      RETURNING a.project_id, a.id, b.liveness, b.recovery
    )
    INSERT INTO feed_entries (project_id, topic, payload)
    SELECT r.project_id, 'agent', jsonb_build_object('event', 'agent:revived', 'agentId', r.id, 'from', r.liveness) FROM revived r
    UNION ALL SELECT r.project_id, 'agent', jsonb_build_object('event', 'agent:recovery:succeeded', 'agentId', r.id)
      FROM revived r WHERE r.recovery = 'attempted';
  END IF;
  -- After the agents themselves, as registering does.
  INSERT INTO agent_presence AS p (project_id, agent_id, heartbeat_at, load, status)
  SELECT p_projects[k.n], p_ids[k.n], clock_timestamp(), p_loads[k.n], p_statuses[k.n] FROM unnest(v_known) AS k (n) ORDER BY 1, 2
  ON CONFLICT (project_id, agent_id) DO UPDATE SET heartbeat_at = excluded.heartbeat_at,
    load = coalesce(excluded.load, p.load), status = coalesce(excluded.status, p.status);
  RETURN QUERY SELECT * FROM unnest(v_known, v_duties, v_livenesses, v_given);
END $$;

-- Names the agents that were silent for too long (COORD-60, 61, CLU-004), once over all nodes: whoever scans holds the watch. A
-- silence of more than p_gap seconds without any scan is nobody's fault and counts anew. A row per agent that changed.
CREATE FUNCTION sb_agents_scan(p_gap double precision)
RETURNS TABLE (project_id uuid, agent_id text, liveness text, silent_ms double precision) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_since timestamptz;
BEGIN
  INSERT INTO agent_watch AS w (heard_since, scanned_at) VALUES (now(), now())
  ON CONFLICT (one) DO UPDATE SET scanned_at = greatest(w.scanned_at, now()), server_started = excluded.server_started,
    heard_since = CASE WHEN now() - w.scanned_at > p_gap * interval '1 second' THEN now()
      WHEN w.server_started <> excluded.server_started THEN greatest(w.heard_since, excluded.server_started) ELSE w.heard_since END
  RETURNING heard_since INTO v_since;
  RETURN QUERY
  WITH silent AS (
    SELECT a.project_id, a.id, a.liveness, s.heartbeat_interval, s.heartbeat_timeout, s.max_missed_heartbeats,
      extract(epoch FROM now() - greatest(coalesce(p.heartbeat_at, (SELECT w.last_claim
        FROM sb_agents_work(ARRAY[a.project_id], ARRAY[a.id]) w WHERE p.heartbeat_at IS NULL)), a.seen_from, v_since))::float8 AS seconds
    FROM agents a JOIN agent_settings s USING (project_id)
    LEFT JOIN agent_presence p ON p.project_id = a.project_id AND p.agent_id = a.id
    WHERE a.liveness <> 'dead' AND a.duty <> 'maintenance'
  ), due AS (
    SELECT a.project_id, a.id, s.seconds, CASE WHEN s.seconds > s.heartbeat_timeout AND s.seconds >= s.heartbeat_interval * s.max_missed_heartbeats
      THEN 'dead' ELSE 'suspected' END AS liveness
    FROM silent s JOIN agents a ON a.project_id = s.project_id AND a.id = s.id
    WHERE s.seconds > s.heartbeat_timeout AND s.seconds >= s.heartbeat_interval * s.max_missed_heartbeats
      OR s.liveness = 'alive' AND s.seconds > 2 * s.heartbeat_interval
    ORDER BY 1, 2 FOR UPDATE OF a SKIP LOCKED
  )
  UPDATE agents a SET liveness = d.liveness, dead_at = CASE WHEN d.liveness = 'dead' THEN now() END, version = a.version + 1, updated_at = now()
  FROM due d WHERE a.project_id = d.project_id AND a.id = d.id AND a.liveness <> 'dead' AND a.duty <> 'maintenance'
  RETURNING a.project_id, a.id, a.liveness, d.seconds * 1000;
END $$;

-- Locks the tasks that agents hold (of a session, where one is given), the task before its lease as endings do, and writes out what
-- stands in leases alone. Answers their ids.
CREATE FUNCTION sb_tasks_hold(p_project uuid, p_agents text[], p_session uuid) RETURNS uuid[] LANGUAGE plpgsql AS $$
DECLARE
  v_ids uuid[];
  v_tokens bigint[];
BEGIN
  SELECT array_agg(x.id), array_agg(DISTINCT x.token) INTO v_ids, v_tokens FROM (
    SELECT t.id, h.token FROM unnest(p_agents) AS a (agent) CROSS JOIN LATERAL sb_tasks_held(p_project, a.agent) h JOIN tasks t ON t.id = h.task_id
    WHERE p_session IS NULL OR t.session_id = p_session ORDER BY t.id FOR UPDATE OF t) x;
  PERFORM sb_tasks_write_out(v_tokens);
  RETURN ARRAY(SELECT t.id FROM tasks t WHERE t.id = ANY (v_ids) AND t.claim_token = ANY (v_tokens) AND t.claimed_by = ANY (p_agents)
    AND t.status IN ('claimed', 'running') AND t.claim_expires_at > now() ORDER BY t.id);
END $$;

-- Ends the leases of agents at once, so that the reaper takes their claims away as it takes those of any who were silent:
-- with a raised token, and bounded by the task's attempts. From now on their writes are refused. A row per claim.
CREATE FUNCTION sb_tasks_expire(p_project uuid, p_agents text[]) RETURNS TABLE (agent text, task_id uuid) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_ids uuid[];
  v_tokens bigint[];
  v_given uuid[];
BEGIN
  v_ids := sb_tasks_hold(p_project, p_agents, NULL);
  SELECT array_agg(x.token) INTO v_tokens FROM (
    SELECT l.token FROM task_leases l WHERE l.project_id = p_project AND l.agent = ANY (p_agents) ORDER BY l.token, l.n FOR UPDATE) x;
  UPDATE task_leases l SET check_at = now() WHERE l.token = ANY (v_tokens) AND l.project_id = p_project AND l.agent = ANY (p_agents);
  SELECT array_agg(x.task_id) INTO v_given FROM (
    SELECT g.task_id FROM task_assignments g WHERE g.project_id = p_project AND g.agent_id = ANY (p_agents) ORDER BY g.agent_id, g.task_id FOR UPDATE) x;
  DELETE FROM task_assignments g WHERE g.project_id = p_project AND g.agent_id = ANY (p_agents) AND g.task_id = ANY (v_given);
  RETURN QUERY UPDATE tasks t SET claim_expires_at = now() WHERE t.id = ANY (v_ids) RETURNING t.claimed_by, t.id;
END $$;

-- Claims tasks for the agents that were chosen for them: element n of the arrays is a task and its agent. Takes ready rows first, as
-- every claim does, so that no task goes to two; those that somebody else took meanwhile are left out. Limits of queues hold. One
-- token for all; the agents learn of it by their next call. A row per claim.
CREATE FUNCTION sb_tasks_assign(p_project uuid, p_ids uuid[], p_agents text[], p_lease float8)
RETURNS TABLE (task_id uuid, agent text, queue text, type text, token bigint)
LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
#variable_conflict use_column
DECLARE
  v_ids uuid[] := '{}';
  v_limited uuid[] := '{}';
  v_more uuid[];
  v_rows tid[];
  v_queue record;
  v_token bigint;
  v_until timestamptz := now() + p_lease * interval '1 second';
BEGIN
  -- Queues in the order of their names: whoever holds the limits of several meets them in one order.
  FOR v_queue IN
    SELECT t.queue, array_agg(t.id) AS ids, bool_or(q.paused) AS paused,
      bool_or(q.max_concurrent IS NOT NULL OR q.max_concurrent_per_key IS NOT NULL OR q.rate_limit IS NOT NULL) AS limited
    FROM unnest(p_ids) AS x (id) JOIN tasks t ON t.id = x.id AND t.project_id = p_project
    LEFT JOIN task_queues q ON q.project_id = t.project_id AND q.name = t.queue GROUP BY t.queue ORDER BY t.queue
  LOOP
    CONTINUE WHEN v_queue.paused;
    IF v_queue.limited THEN
      v_more := sb_tasks_pick_limited(p_project, v_queue.queue, NULL, NULL, cardinality(v_queue.ids), v_queue.ids);
      v_limited := v_limited || v_more;
    ELSE
      SELECT array_agg(x.ctid), array_agg(x.task_id) INTO v_rows, v_more FROM (
        SELECT r.ctid, r.task_id FROM tasks t JOIN task_ready r ON r.queue = t.queue AND r.project_id = t.project_id
          AND r.priority = t.priority AND r.run_at = t.run_at AND r.task_id = t.id
        WHERE t.id = ANY (v_queue.ids) AND r.run_at <= now() AND (r.give_up_at IS NULL OR r.give_up_at > now())
        ORDER BY r.priority, r.run_at, r.task_id FOR UPDATE OF r SKIP LOCKED) x;
      DELETE FROM task_ready WHERE ctid = ANY (v_rows);
    END IF;
    v_ids := v_ids || v_more;
  END LOOP;
  IF cardinality(v_ids) = 0 THEN RETURN; END IF;
  v_token := nextval('fencing_tokens');

  RETURN QUERY
  WITH chosen AS (
    SELECT x.id, c.agent FROM unnest(v_ids) AS x (id) JOIN unnest(p_ids, p_agents) AS c (id, agent) ON c.id = x.id
  ), leases AS (
    INSERT INTO task_leases (token, n, project_id, agent, task_ids, check_at)
    SELECT v_token, row_number() OVER (ORDER BY c.agent), p_project, c.agent, array_agg(c.id), v_until FROM chosen c GROUP BY c.agent
  ), given AS (
    INSERT INTO task_assignments (project_id, agent_id, task_id, token) SELECT p_project, c.agent, c.id, v_token FROM chosen c
    ORDER BY 2, 3 ON CONFLICT (project_id, agent_id, task_id) DO UPDATE SET token = excluded.token, delivered_at = NULL
  ), fed AS (
    SELECT sb_tasks_feed(array_fill(p_project, ARRAY[cardinality(v_ids)]), v_ids, array_fill('claimed'::text, ARRAY[cardinality(v_ids)]))
  ), claimed AS (
    UPDATE tasks t SET status = 'claimed', claimed_by = c.agent, claim_token = v_token, claim_expires_at = v_until, claimed_at = now(),
      attempt = t.attempt + 1, slotted = t.id = ANY (v_limited), progress = NULL, version = t.version + 1, updated_at = now()
    FROM (SELECT x.* FROM chosen x ORDER BY x.id) c WHERE t.id = c.id
    RETURNING t.id, c.agent, t.queue, t.type, CASE WHEN t.unique_while = 'queued' THEN t.unique_key END AS freed
  ), freed AS (
    DELETE FROM task_unique_keys u USING claimed c WHERE c.freed IS NOT NULL AND u.project_id = p_project AND u.key = c.freed AND u.task_id = c.id
  )
  SELECT c.id, c.agent, c.queue, c.type, v_token FROM claimed c CROSS JOIN (SELECT count(*) FROM fed) f;
END $$;

-- Gives all live claims of a session that one agent holds to another, with one new token (COORD-50): from now on the old one's
-- writes are refused. The attempt of the old one ends, a new one begins. A row per task.
CREATE FUNCTION sb_tasks_hand_over(p_project uuid, p_session uuid, p_from text, p_to text, p_lease float8)
RETURNS TABLE (task_id uuid, token bigint, type text) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_ids uuid[];
  v_token bigint;
  v_until timestamptz := now() + p_lease * interval '1 second';
BEGIN
  v_ids := sb_tasks_hold(p_project, ARRAY[p_from], p_session);
  IF cardinality(v_ids) = 0 THEN RETURN; END IF;
  v_token := nextval('fencing_tokens');
  INSERT INTO task_past_attempts (task_id, attempt, project_id, agent, token, started_at, ended_at, outcome)
    SELECT t.id, t.attempt, t.project_id, t.claimed_by, t.claim_token, t.claimed_at, now(), 'handed_over' FROM tasks t WHERE t.id = ANY (v_ids);
  PERFORM FROM task_assignments g WHERE g.project_id = p_project AND g.agent_id = p_from AND g.task_id = ANY (v_ids) ORDER BY g.task_id FOR UPDATE;
  DELETE FROM task_assignments g WHERE g.project_id = p_project AND g.agent_id = p_from AND g.task_id = ANY (v_ids);
  INSERT INTO task_assignments (project_id, agent_id, task_id, token) SELECT p_project, p_to, x.id, v_token FROM unnest(v_ids) AS x (id)
    ORDER BY 3 ON CONFLICT (project_id, agent_id, task_id) DO UPDATE SET token = excluded.token, delivered_at = NULL;
  INSERT INTO task_leases (token, n, project_id, agent, task_ids, check_at) VALUES (v_token, 1, p_project, p_to, v_ids, v_until);
  PERFORM sb_tasks_feed(array_fill(p_project, ARRAY[cardinality(v_ids)]), v_ids, array_fill('claimed'::text, ARRAY[cardinality(v_ids)]));
  RETURN QUERY UPDATE tasks t SET status = 'claimed', claimed_by = p_to, claim_token = v_token, claim_expires_at = v_until, claimed_at = now(),
      attempt = t.attempt + 1, version = t.version + 1, updated_at = now()
    WHERE t.id = ANY (v_ids) RETURNING t.id, v_token, t.type;
END $$;

-- What an agent was given. Rows of claims it says to know (p_known, with p_tokens), or that are over, go. Of the rest, those it was
-- not told yet; all of them where it has said what it knows. Two calls for one agent may come at once.
CREATE FUNCTION sb_tasks_given(p_project uuid, p_agent text, p_known uuid[], p_tokens bigint[])
RETURNS TABLE (task_id uuid, token bigint) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_given uuid[];
BEGIN
  SELECT array_agg(x.task_id) INTO v_given FROM (
    SELECT g.task_id FROM task_assignments g WHERE g.project_id = p_project AND g.agent_id = p_agent ORDER BY g.task_id FOR UPDATE) x;
  -- Those alone, from here on: what has come meanwhile would be locked out of order.
  DELETE FROM task_assignments g WHERE g.project_id = p_project AND g.agent_id = p_agent AND g.task_id = ANY (v_given) AND (
    EXISTS (SELECT FROM unnest(p_known, p_tokens) AS k (id, token) WHERE k.id = g.task_id AND k.token = g.token)
    OR NOT EXISTS (SELECT FROM tasks t WHERE t.id = g.task_id AND t.claim_token = g.token AND t.status IN ('claimed', 'running')
      AND t.claim_expires_at > now()));
  RETURN QUERY UPDATE task_assignments g SET delivered_at = now()
    WHERE g.project_id = p_project AND g.agent_id = p_agent AND g.task_id = ANY (v_given) AND (g.delivered_at IS NULL OR p_known IS NOT NULL)
    RETURNING g.task_id, g.token;
END $$;

-- Down Migration

DROP FUNCTION sb_tasks_given(uuid, text, uuid[], bigint[]);
DROP FUNCTION sb_tasks_hand_over(uuid, uuid, text, text, float8);
DROP FUNCTION sb_tasks_assign(uuid, uuid[], text[], float8);
DROP FUNCTION sb_tasks_expire(uuid, text[]);
DROP FUNCTION sb_tasks_hold(uuid, text[], uuid);
DROP FUNCTION sb_agents_scan(double precision);
DROP FUNCTION sb_agents_heartbeat(uuid[], text[], integer[], text[], jsonb[]);
DROP FUNCTION sb_agents_register(jsonb);
DROP TRIGGER trg_task_leases_learn ON task_leases;
DROP FUNCTION sb_agents_learn();
DROP FUNCTION sb_task_places(uuid, jsonb);
DROP FUNCTION sb_agents_work_in(uuid);
DROP FUNCTION sb_agents_work(uuid[], text[]);
DROP FUNCTION sb_tasks_held(uuid, text);
DROP FUNCTION sb_lease_holds(bigint, boolean, timestamptz, text, bigint, timestamptz);
DROP FUNCTION sb_agent_status(text, text, text, bigint, integer);
DROP TABLE handoffs;
DROP TABLE task_assignments;
DROP TABLE agent_departures;
DROP TABLE agent_outcomes;
DROP TABLE agent_watch;
DROP TABLE agent_presence;
DROP TABLE agents;
DROP FUNCTION sb_agents_liveness();
DROP SEQUENCE agent_registrations;
DROP TRIGGER trg_projects_agent_settings ON projects;
DROP FUNCTION sb_agent_settings_come();
DROP TABLE agent_settings;
