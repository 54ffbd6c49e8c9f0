-- Named locks (ORC-158…192): who holds what, who waits for it, and the verbs on both as set-based statements.

-- Up Migration

-- One row per acquisition that is live (or lost and still in its delay). Names are compared byte by byte, so that what lies
-- below a name is one range of the index. No index may name a column that a renewal changes: only so are renewals heap-only.
CREATE TABLE lock_holdings (
  id uuid PRIMARY KEY,
  project_id uuid NOT NULL,
  resource text COLLATE "C" NOT NULL CONSTRAINT chk_lock_holdings_resource CHECK (
    length(resource) BETWEEN 1 AND 512 AND resource !~ '(^/|//|/$|[[:cntrl:]])'),
  owner text NOT NULL CONSTRAINT chk_lock_holdings_owner CHECK (length(owner) BETWEEN 1 AND 255),
  shared boolean NOT NULL,
  -- Grows with every grant of a resource (ORC-181); nested acquisitions of one owner have the first one's.
  token bigint NOT NULL,
  priority integer NOT NULL,
  ttl_ms integer NOT NULL CONSTRAINT chk_lock_holdings_ttl CHECK (ttl_ms >= 1),
  -- How long the resource stays ungranted to others once this holding is lost.
  delay_ms integer NOT NULL CONSTRAINT chk_lock_holdings_delay CHECK (delay_ms >= 0),
  renewal_count integer NOT NULL DEFAULT 0,
  agent_id text,
  session_id uuid,
  task_id uuid,
  metadata jsonb NOT NULL DEFAULT '{}' CONSTRAINT chk_lock_holdings_metadata CHECK (jsonb_typeof(metadata) = 'object'),
  requested_at timestamptz NOT NULL,
  acquired_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  -- When its loss was noticed; the row then only stands for the delay.
  lost_at timestamptz,
  -- When the sweep looks at it next; put off by the sweep alone.
  check_at timestamptz NOT NULL
) WITH (fillfactor = 60);
-- Owner first: by a project alone it is of no use, so that an empty table's statistics cannot choose it where the resource is asked for.
CREATE INDEX idx_lock_holdings_owner ON lock_holdings (owner, project_id, resource);
CREATE INDEX idx_lock_holdings_resource ON lock_holdings (project_id, resource);
CREATE INDEX idx_lock_holdings_check ON lock_holdings (check_at);
CREATE INDEX idx_lock_holdings_agent ON lock_holdings (project_id, agent_id) WHERE agent_id IS NOT NULL;
CREATE INDEX idx_lock_holdings_session ON lock_holdings (project_id, session_id) WHERE session_id IS NOT NULL;
CREATE INDEX idx_lock_holdings_task ON lock_holdings (project_id, task_id) WHERE task_id IS NOT NULL;

-- One row per request in a queue; its id becomes that of the holding. As few as there are waiting callers, so the sweep reads
-- them all rather than keep an index up to date with every refresh.
CREATE TABLE lock_waiters (
  id uuid PRIMARY KEY,
  project_id uuid NOT NULL,
  resource text COLLATE "C" NOT NULL CONSTRAINT chk_lock_waiters_resource CHECK (
    length(resource) BETWEEN 1 AND 512 AND resource !~ '(^/|//|/$|[[:cntrl:]])'),
  owner text NOT NULL CONSTRAINT chk_lock_waiters_owner CHECK (length(owner) BETWEEN 1 AND 255),
  shared boolean NOT NULL,
  -- The owner holds something above, at or below the resource: whoever waits behind waits for this owner anyway, so it goes
  -- first, else the two would wait for each other.
  upgrade boolean NOT NULL,
  priority integer NOT NULL,
  -- Order of arrival, drawn under the domain's lock from the sequence of the tokens.
  arrival bigint NOT NULL,
  ttl_ms integer NOT NULL CONSTRAINT chk_lock_waiters_ttl CHECK (ttl_ms >= 1),
  delay_ms integer NOT NULL CONSTRAINT chk_lock_waiters_delay CHECK (delay_ms >= 0),
  -- A waiter that does not ask again within this time is taken for dead (ORC-174).
  lease_ms integer NOT NULL CONSTRAINT chk_lock_waiters_lease CHECK (lease_ms >= 1),
  agent_id text,
  session_id uuid,
  task_id uuid,
  metadata jsonb NOT NULL DEFAULT '{}' CONSTRAINT chk_lock_waiters_metadata CHECK (jsonb_typeof(metadata) = 'object'),
  requested_at timestamptz NOT NULL,
  -- When its own patience ends.
  expires_at timestamptz NOT NULL,
  seen_until timestamptz NOT NULL,
  -- Why it is out of the queue although nobody has told it yet: {code, …}. It blocks nobody any more.
  refusal jsonb
) WITH (fillfactor = 60);
CREATE INDEX idx_lock_waiters_resource ON lock_waiters (project_id, resource);
CREATE INDEX idx_lock_waiters_owner ON lock_waiters (project_id, owner);

-- Holdings and waiters belong to a project and go with it. Checked once per statement: a foreign key checks row by row, and all
-- would meet on the project's row.
CREATE FUNCTION sb_locks_belong() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM (SELECT DISTINCT project_id FROM added) a WHERE NOT EXISTS (
      SELECT FROM projects p WHERE p.id = a.project_id)) THEN
    RAISE EXCEPTION 'locks need a project' USING ERRCODE = '23503', CONSTRAINT = 'fk_locks_project';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER trg_lock_holdings_belong AFTER INSERT ON lock_holdings REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION sb_locks_belong();
CREATE TRIGGER trg_lock_waiters_belong AFTER INSERT ON lock_waiters REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION sb_locks_belong();
CREATE FUNCTION sb_locks_of_project_go() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM lock_waiters w USING gone g WHERE w.project_id = g.id;
  DELETE FROM lock_holdings h USING gone g WHERE h.project_id = g.id;
  RETURN NULL;
END $$;
CREATE TRIGGER trg_projects_locks_go AFTER DELETE ON projects REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT EXECUTE FUNCTION sb_locks_of_project_go();

-- The names under which a resource stands, itself included: repo, repo/a, repo/a/b.
CREATE FUNCTION sb_lock_prefixes(p_resource text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  v_segment text;
  v_prefix text;
  v_prefixes text[] := '{}';
BEGIN
  IF strpos(p_resource, '/') = 0 THEN RETURN ARRAY[p_resource]; END IF;
  FOREACH v_segment IN ARRAY string_to_array(p_resource, '/') LOOP
    v_prefix := coalesce(v_prefix || '/', '') || v_segment;
    v_prefixes := v_prefixes || v_prefix;
  END LOOP;
  RETURN v_prefixes;
END $$;

-- Everything of one domain (project and first segment) is decided one after the other: grants are atomic and fair, and
-- tokens drawn after this are drawn in the order of the grants. Domains share 1,024 advisory locks, taken in their order and
-- held to the end of the transaction: unlike a row per domain they write nothing, need no clearing away, and their number
-- is bounded. The statements after it see whatever the holders before us committed.
CREATE FUNCTION sb_locks_enter(p_projects uuid[], p_resources text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('signalbox.locks'), b.bucket) FROM (
    SELECT DISTINCT hashtext(c.project_id::text || '/' || split_part(c.resource, '/', 1)) & 1023 AS bucket
    FROM unnest(p_projects, p_resources) AS c (project_id, resource) ORDER BY 1) b;
END $$;

-- What a waiter's priority counts for: its own, plus one for every p_ageing seconds that it waits, where ageing is on (ORC-175).
CREATE FUNCTION sb_lock_rank(p_priority integer, p_since timestamptz, p_now timestamptz, p_ageing float8) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT p_priority + CASE WHEN p_ageing IS NULL THEN 0 ELSE floor(extract(epoch FROM p_now - p_since)::float8 / p_ageing) END
$$;

-- Whether anything is waited for above, at or below a resource; and whether anything at all is held there or waited for.
CREATE FUNCTION sb_lock_awaited(p_project uuid, p_resource text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN EXISTS (SELECT FROM lock_waiters w WHERE w.project_id = p_project) AND (
    EXISTS (SELECT FROM lock_waiters w WHERE w.project_id = p_project AND w.resource = ANY (sb_lock_prefixes(p_resource)))
    OR EXISTS (SELECT FROM lock_waiters w WHERE w.project_id = p_project AND w.resource >= p_resource || '/' AND w.resource < p_resource || '0'));
END $$;
CREATE FUNCTION sb_lock_touched(p_project uuid, p_resource text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN EXISTS (SELECT FROM unnest(sb_lock_prefixes(p_resource)) AS x (prefix) CROSS JOIN LATERAL (
      SELECT FROM lock_holdings h WHERE h.project_id = p_project AND h.resource = x.prefix OFFSET 0) h)
    OR EXISTS (SELECT FROM lock_holdings h WHERE h.project_id = p_project AND h.resource >= p_resource || '/' AND h.resource < p_resource || '0')
    OR sb_lock_awaited(p_project, p_resource);
END $$;

-- Who keeps a request from being granted now: the owner of a conflicting holding, else of a conflicting request ahead of it; null
-- when nobody does. Owners are never in their own way. An owner that already holds the resource, or one above it, in a mode that
-- covers the request has it already.
-- A holding blocks as long as its row is there: one that expired is only there in its delay, or while a write under it commits.
CREATE FUNCTION sb_lock_blocker(p_project uuid, p_resource text, p_owner text, p_shared boolean, p_upgrade boolean, p_rank float8,
  p_arrival bigint, p_now timestamptz, p_ageing float8)
RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_prefixes text[] := sb_lock_prefixes(p_resource);
  v_owner text;
BEGIN
  IF EXISTS (SELECT FROM lock_holdings h WHERE h.project_id = p_project AND h.resource = ANY (v_prefixes) AND h.owner = p_owner
      AND (p_shared OR NOT h.shared) AND h.expires_at > p_now) THEN RETURN NULL; END IF;
  SELECT h.owner INTO v_owner FROM lock_holdings h WHERE h.project_id = p_project AND h.resource = ANY (v_prefixes)
    AND h.owner <> p_owner AND NOT (h.shared AND p_shared) LIMIT 1;
  IF FOUND THEN RETURN v_owner; END IF;
  SELECT h.owner INTO v_owner FROM lock_holdings h WHERE h.project_id = p_project AND h.resource >= p_resource || '/'
    AND h.resource < p_resource || '0' AND h.owner <> p_owner AND NOT (h.shared AND p_shared) LIMIT 1;
  IF FOUND THEN RETURN v_owner; END IF;
  SELECT w.owner INTO v_owner FROM (
    SELECT x.* FROM lock_waiters x WHERE x.project_id = p_project AND x.resource = ANY (v_prefixes)
    UNION ALL
    SELECT x.* FROM lock_waiters x WHERE x.project_id = p_project AND x.resource >= p_resource || '/' AND x.resource < p_resource || '0'
  ) w WHERE w.owner <> p_owner AND NOT (w.shared AND p_shared) AND w.refusal IS NULL AND least(w.seen_until, w.expires_at) > p_now
    AND (w.upgrade, sb_lock_rank(w.priority, w.requested_at, p_now, p_ageing), -w.arrival) > (p_upgrade, p_rank, -p_arrival) LIMIT 1;
  RETURN v_owner;
END $$;

-- Makes a request a holding and answers its token. A nested acquisition shares the token of the owner's hold on the same resource:
-- it is no new grant, and the outer one must go on being believed (ORC-176). p_ttl_ms: how long it holds at first.
CREATE FUNCTION sb_lock_grant(p_request lock_waiters, p_ttl_ms integer, p_now timestamptz) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  v_token bigint;
BEGIN
  SELECT max(h.token) INTO v_token FROM lock_holdings h WHERE h.project_id = p_request.project_id AND h.owner = p_request.owner
    AND h.resource = p_request.resource AND (p_request.shared OR NOT h.shared) AND h.expires_at > p_now;
  v_token := coalesce(v_token, nextval('fencing_tokens'));
  INSERT INTO lock_holdings (id, project_id, resource, owner, shared, token, priority, ttl_ms, delay_ms, agent_id, session_id, task_id,
    metadata, requested_at, acquired_at, expires_at, check_at)
  VALUES (p_request.id, p_request.project_id, p_request.resource, p_request.owner, p_request.shared, v_token, p_request.priority,
    p_request.ttl_ms, p_request.delay_ms, p_request.agent_id, p_request.session_id, p_request.task_id, p_request.metadata,
    p_request.requested_at, p_now, p_now + p_ttl_ms * interval '1 ms', p_now + p_ttl_ms * interval '1 ms');
  RETURN v_token;
END $$;

-- Every verb below answers rows of one shape. n is the call that a row answers; rows without it tell what else happened, and to whom:
--   granted    a waiter got its lock            lost       a holder did not renew in time
--   abandoned  a waiter died or lost patience   refused    a waiter was taken out of the queue

-- Serves the queues after something was freed: walks the requests that overlap it in their order and grants what nobody blocks.
-- The domain is entered. Behind a blocked exclusive request that covers what was freed nobody else is granted anything.
-- Until its caller looks, a waiter has the lock for its lease only: one that died in the queue must not have it for longer.
CREATE FUNCTION sb_locks_serve(p_project uuid, p_freed text[], p_now timestamptz, p_ageing float8)
RETURNS TABLE (outcome text, id uuid, project_id uuid, resource text, owner text, token bigint, ms float8) LANGUAGE plpgsql AS $$
DECLARE
  v_freed text[] := p_freed;
  v_seen text[] := '{}';
  v_at integer := 1;
  v_prefixes text[];
  v_owners text[] := '{}';
  w lock_waiters;
BEGIN
  WHILE v_at <= cardinality(v_freed) LOOP
    IF v_freed[v_at] = ANY (v_seen) THEN
      v_at := v_at + 1;
      CONTINUE;
    END IF;
    v_seen := v_seen || v_freed[v_at];
    v_prefixes := sb_lock_prefixes(v_freed[v_at]);
    FOR w IN
      SELECT (q.x).* FROM (
        SELECT x FROM lock_waiters x WHERE x.project_id = p_project AND x.resource = ANY (v_prefixes)
        UNION ALL
        SELECT x FROM lock_waiters x WHERE x.project_id = p_project AND x.resource >= v_freed[v_at] || '/' AND x.resource < v_freed[v_at] || '0'
      ) q WHERE (q.x).refusal IS NULL
      ORDER BY (q.x).upgrade DESC, sb_lock_rank((q.x).priority, (q.x).requested_at, p_now, p_ageing) DESC, (q.x).arrival
    LOOP
      IF least(w.seen_until, w.expires_at) <= p_now THEN
        DELETE FROM lock_waiters x WHERE x.id = w.id;
        v_freed := v_freed || w.resource::text;
        v_seen := array_remove(v_seen, w.resource::text);
        RETURN QUERY SELECT 'abandoned', w.id, w.project_id, w.resource::text, w.owner, NULL::bigint, NULL::float8;
      ELSIF sb_lock_blocker(p_project, w.resource, w.owner, w.shared, w.upgrade, sb_lock_rank(w.priority, w.requested_at, p_now, p_ageing),
          w.arrival, p_now, p_ageing) IS NULL THEN
        DELETE FROM lock_waiters x WHERE x.id = w.id;
        v_owners := v_owners || w.owner;
        RETURN QUERY SELECT 'granted', w.id, w.project_id, w.resource::text, w.owner, sb_lock_grant(w, least(w.ttl_ms, w.lease_ms), p_now),
          extract(epoch FROM p_now - w.requested_at)::float8 * 1000;
      ELSE
        v_owners := v_owners || w.owner;
        EXIT WHEN NOT w.shared AND w.resource = ANY (v_prefixes);
      END IF;
    END LOOP;
    -- Owners are never in their own way, not even where the walk ended: what they have now they have for their other requests too.
    FOR w IN SELECT x.* FROM lock_waiters x WHERE x.project_id = p_project AND x.owner = ANY (v_owners) AND x.refusal IS NULL
        AND least(x.seen_until, x.expires_at) > p_now AND split_part(x.resource, '/', 1) = split_part(v_freed[v_at], '/', 1) LOOP
      IF sb_lock_blocker(p_project, w.resource, w.owner, w.shared, w.upgrade, sb_lock_rank(w.priority, w.requested_at, p_now, p_ageing),
          w.arrival, p_now, p_ageing) IS NULL THEN
        DELETE FROM lock_waiters x WHERE x.id = w.id;
        RETURN QUERY SELECT 'granted', w.id, w.project_id, w.resource::text, w.owner, sb_lock_grant(w, least(w.ttl_ms, w.lease_ms), p_now),
          extract(epoch FROM p_now - w.requested_at)::float8 * 1000;
      END IF;
    END LOOP;
    v_at := v_at + 1;
  END LOOP;
END $$;

-- Takes away what is dead above, at and below a resource, and serves the queues. The domain is entered. A holding under which a
-- protected write is just being committed is locked by it and stays until that is over (see assertHeld).
CREATE FUNCTION sb_locks_clear(p_project uuid, p_resource text, p_now timestamptz, p_ageing float8)
RETURNS TABLE (outcome text, id uuid, project_id uuid, resource text, owner text, token bigint, ms float8) LANGUAGE plpgsql AS $$
DECLARE
  v_prefixes text[] := sb_lock_prefixes(p_resource);
  v_freed text[] := '{}';
  h lock_holdings;
  w lock_waiters;
BEGIN
  FOR h IN SELECT x.* FROM lock_holdings x WHERE x.expires_at <= p_now AND x.id = ANY (ARRAY(
      SELECT y.id FROM lock_holdings y WHERE y.project_id = p_project AND y.resource = ANY (v_prefixes)
      UNION ALL
      SELECT y.id FROM lock_holdings y WHERE y.project_id = p_project AND y.resource >= p_resource || '/' AND y.resource < p_resource || '0'))
    ORDER BY x.id FOR UPDATE SKIP LOCKED
  LOOP
    IF h.lost_at IS NULL THEN
      RETURN QUERY SELECT 'lost', h.id, h.project_id, h.resource::text, h.owner, h.token, extract(epoch FROM h.expires_at - h.acquired_at)::float8 * 1000;
    END IF;
    IF h.expires_at + h.delay_ms * interval '1 ms' <= p_now THEN
      DELETE FROM lock_holdings x WHERE x.id = h.id;
      v_freed := v_freed || h.resource::text;
    ELSIF h.lost_at IS NULL THEN
      UPDATE lock_holdings x SET lost_at = p_now, check_at = h.expires_at + h.delay_ms * interval '1 ms' WHERE x.id = h.id;
    END IF;
  END LOOP;
  FOR w IN DELETE FROM lock_waiters x WHERE least(x.seen_until, x.expires_at) <= p_now AND x.id = ANY (ARRAY(
      SELECT y.id FROM lock_waiters y WHERE y.project_id = p_project AND y.resource = ANY (v_prefixes)
      UNION ALL
      SELECT y.id FROM lock_waiters y WHERE y.project_id = p_project AND y.resource >= p_resource || '/' AND y.resource < p_resource || '0'))
    RETURNING x.*
  LOOP
    v_freed := v_freed || w.resource::text;
    IF w.refusal IS NULL THEN
      RETURN QUERY SELECT 'abandoned', w.id, w.project_id, w.resource::text, w.owner, NULL::bigint, NULL::float8;
    END IF;
  END LOOP;
  IF cardinality(v_freed) > 0 THEN RETURN QUERY SELECT * FROM sb_locks_serve(p_project, v_freed, p_now, p_ageing); END IF;
END $$;

-- In how many milliseconds a request should look again although nobody wakes it: when the first of the holdings in its way ends.
CREATE FUNCTION sb_lock_look_again(p_project uuid, p_resource text, p_now timestamptz) RETURNS float8 LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (SELECT greatest(0, extract(epoch FROM min(y.ends) - p_now)::float8 * 1000) FROM (
    SELECT h.expires_at + h.delay_ms * interval '1 ms' AS ends FROM lock_holdings h
    WHERE h.project_id = p_project AND h.resource = ANY (sb_lock_prefixes(p_resource))
    UNION ALL
    SELECT h.expires_at + h.delay_ms * interval '1 ms' FROM lock_holdings h
    WHERE h.project_id = p_project AND h.resource >= p_resource || '/' AND h.resource < p_resource || '0') y);
END $$;

-- Acquires for a whole batch of calls. p_calls is [{n, id, project_id, resource, owner, shared, ttl_ms, delay_ms, priority, wait_ms
-- (null: do not queue), lease_ms, in_order, agent_id, session_id, task_id, metadata, alone}]; `alone` says that no other call of the
-- batch overlaps the resource. Answers a row per call: granted (token; ms left), queued (ms until it should look again), contended
-- (owner: who is in the way), ordered (refused in strict mode; detail: the greater name that is held), taken (the id is another's),
-- refused (detail: why it left the queue), lost. A repeated call with the same id is answered, not doubled. Where a greater
-- name is held (ORC-184), detail names it with any outcome.
CREATE FUNCTION sb_locks_acquire(p_calls jsonb, p_ageing float8)
RETURNS TABLE (n integer, outcome text, id uuid, project_id uuid, resource text, owner text, token bigint, ms float8, detail text)
LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
  v_now timestamptz;
  v_done integer[];
  v_ids uuid[];
  v_projects uuid[];
  v_resources text[];
  v_owners text[];
  v_tokens bigint[];
  v_ttls integer[];
  v_upgrade boolean;
  v_greater text;
  v_blocker text;
  c record;
  h lock_holdings;
  w lock_waiters;
BEGIN
  PERFORM sb_locks_enter(array_agg(g.project_id), array_agg(g.resource)) FROM jsonb_to_recordset(p_calls) AS g (project_id uuid, resource text);
  v_now := clock_timestamp();
  -- A repeated request looks for its lock like a waiter. Renewals lock holdings without the domain, in the order of ids too.
  PERFORM FROM lock_holdings x WHERE x.id = ANY (ARRAY(SELECT g.id FROM jsonb_to_recordset(p_calls) AS g (id uuid))) ORDER BY x.id FOR NO KEY UPDATE;

  -- What nobody else has anything to do with is granted in one go.
  WITH given AS MATERIALIZED (SELECT y.*, nextval('fencing_tokens') AS token FROM (
    SELECT g.* FROM jsonb_to_recordset(p_calls) AS g (n integer, id uuid, project_id uuid, resource text, owner text, shared boolean,
      ttl_ms integer, delay_ms integer, priority integer, agent_id text, session_id uuid, task_id uuid, metadata jsonb, alone boolean)
    WHERE g.alone AND NOT sb_lock_touched(g.project_id, g.resource)
      AND (SELECT count(*) FROM (SELECT FROM lock_holdings x WHERE x.project_id = g.project_id AND x.owner = g.owner
        AND x.resource > g.resource LIMIT 1) y) = 0
      AND (SELECT count(*) FROM (SELECT FROM lock_holdings x WHERE x.id = g.id UNION ALL SELECT FROM lock_waiters x WHERE x.id = g.id) y) = 0
    ORDER BY g.n OFFSET 0) y
  ), granted AS (
    INSERT INTO lock_holdings (id, project_id, resource, owner, shared, token, priority, ttl_ms, delay_ms, agent_id, session_id, task_id,
      metadata, requested_at, acquired_at, expires_at, check_at)
    SELECT g.id, g.project_id, g.resource, g.owner, g.shared, g.token, g.priority, g.ttl_ms, g.delay_ms, g.agent_id,
      g.session_id, g.task_id, coalesce(g.metadata, '{}'), v_now, v_now, v_now + g.ttl_ms * interval '1 ms', v_now + g.ttl_ms * interval '1 ms'
    FROM given g
  )
  SELECT array_agg(g.n), array_agg(g.id), array_agg(g.project_id), array_agg(g.resource), array_agg(g.owner), array_agg(g.token), array_agg(g.ttl_ms)
  INTO v_done, v_ids, v_projects, v_resources, v_owners, v_tokens, v_ttls FROM given g;
  IF v_done IS NOT NULL THEN
    RETURN QUERY SELECT d.n, 'granted', d.id, d.project_id, d.resource, d.owner, d.token, d.ttl_ms::float8, NULL::text
      FROM unnest(v_done, v_ids, v_projects, v_resources, v_owners, v_tokens, v_ttls) AS d (n, id, project_id, resource, owner, token, ttl_ms);
    IF cardinality(v_done) = jsonb_array_length(p_calls) THEN RETURN; END IF;
  END IF;

  FOR c IN
    SELECT g.* FROM jsonb_to_recordset(p_calls) AS g (n integer, id uuid, project_id uuid, resource text, owner text,
      shared boolean, ttl_ms integer, delay_ms integer, priority integer, wait_ms float8, lease_ms integer, in_order boolean, agent_id text,
      session_id uuid, task_id uuid, metadata jsonb)
    WHERE v_done IS NULL OR g.n <> ALL (v_done) ORDER BY g.n
  LOOP
    RETURN QUERY SELECT NULL::integer, x.*, NULL::text FROM sb_locks_clear(c.project_id, c.resource, v_now, p_ageing) x;
    UPDATE lock_holdings x SET expires_at = v_now + x.ttl_ms * interval '1 ms'
      WHERE x.id = c.id AND x.project_id = c.project_id AND x.resource = c.resource AND x.owner = c.owner AND x.expires_at > v_now;
    SELECT x.* INTO h FROM lock_holdings x WHERE x.id = c.id;
    IF FOUND THEN
      RETURN QUERY SELECT c.n, CASE WHEN (h.project_id, h.resource::text, h.owner, h.shared) <> (c.project_id, c.resource, c.owner, c.shared) THEN 'taken'
          WHEN h.expires_at <= v_now THEN 'lost' ELSE 'granted' END,
        c.id, c.project_id, c.resource, c.owner, h.token, extract(epoch FROM h.expires_at - v_now)::float8 * 1000, NULL::text;
      CONTINUE;
    END IF;
    SELECT x.* INTO w FROM lock_waiters x WHERE x.id = c.id;
    IF FOUND THEN
      IF (w.project_id, w.resource::text, w.owner, w.shared) <> (c.project_id, c.resource, c.owner, c.shared) THEN
        RETURN QUERY SELECT c.n, 'taken', c.id, c.project_id, c.resource, c.owner, NULL::bigint, NULL::float8, NULL::text;
      ELSIF w.refusal IS NOT NULL THEN
        DELETE FROM lock_waiters x WHERE x.id = c.id;
        RETURN QUERY SELECT c.n, 'refused', c.id, c.project_id, c.resource, c.owner, NULL::bigint, NULL::float8, w.refusal::text;
      ELSE
        UPDATE lock_waiters x SET seen_until = v_now + x.lease_ms * interval '1 ms' WHERE x.id = c.id;
        RETURN QUERY SELECT c.n, 'queued', c.id, c.project_id, c.resource, c.owner, NULL::bigint,
          sb_lock_look_again(c.project_id, c.resource, v_now), NULL::text;
      END IF;
      CONTINUE;
    END IF;

    v_upgrade := EXISTS (SELECT FROM lock_holdings x WHERE x.project_id = c.project_id AND x.resource = ANY (sb_lock_prefixes(c.resource))
        AND x.owner = c.owner AND x.expires_at > v_now)
      OR EXISTS (SELECT FROM lock_holdings x WHERE x.project_id = c.project_id AND x.resource >= c.resource || '/'
        AND x.resource < c.resource || '0' AND x.owner = c.owner AND x.expires_at > v_now);
    v_greater := NULL;
    -- What the owner has already cannot be taken in the wrong order.
    IF NOT EXISTS (SELECT FROM lock_holdings x WHERE x.project_id = c.project_id AND x.resource = ANY (sb_lock_prefixes(c.resource))
        AND x.owner = c.owner AND (c.shared OR NOT x.shared) AND x.expires_at > v_now) THEN
      SELECT x.resource INTO v_greater FROM lock_holdings x WHERE x.project_id = c.project_id AND x.owner = c.owner
        AND x.resource > c.resource AND x.expires_at > v_now ORDER BY x.resource DESC LIMIT 1;
    END IF;
    IF v_greater IS NOT NULL AND c.in_order THEN
      RETURN QUERY SELECT c.n, 'ordered', c.id, c.project_id, c.resource, c.owner, NULL::bigint, NULL::float8, v_greater;
      CONTINUE;
    END IF;

    w := (c.id, c.project_id, c.resource, c.owner, c.shared, v_upgrade, c.priority, 0, c.ttl_ms, c.delay_ms, c.lease_ms, c.agent_id, c.session_id,
      c.task_id, coalesce(c.metadata, '{}'), v_now, v_now + coalesce(c.wait_ms, 0) * interval '1 ms', v_now + c.lease_ms * interval '1 ms', NULL);
    v_blocker := sb_lock_blocker(c.project_id, c.resource, c.owner, c.shared, v_upgrade, c.priority, 9223372036854775807, v_now, p_ageing);
    IF v_blocker IS NULL THEN
      RETURN QUERY SELECT c.n, 'granted', c.id, c.project_id, c.resource, c.owner, sb_lock_grant(w, w.ttl_ms, v_now), c.ttl_ms::float8, v_greater;
    ELSIF c.wait_ms IS NULL THEN
      RETURN QUERY SELECT c.n, 'contended', c.id, c.project_id, c.resource, v_blocker, NULL::bigint,
        sb_lock_look_again(c.project_id, c.resource, v_now), v_greater;
    ELSE
      w.arrival := nextval('fencing_tokens');
      INSERT INTO lock_waiters SELECT (w).*;
      RETURN QUERY SELECT c.n, 'queued', c.id, c.project_id, c.resource, c.owner, NULL::bigint,
        sb_lock_look_again(c.project_id, c.resource, v_now), v_greater;
    END IF;
  END LOOP;
END $$;

-- Looks again for waiting calls and says that their callers live. Answers a row per call: granted, queued, refused, as above; timeout
-- when its patience is over; gone when there is no such request (any more).
CREATE FUNCTION sb_locks_poll(p_projects uuid[], p_ids uuid[], p_ageing float8)
RETURNS TABLE (n integer, outcome text, id uuid, project_id uuid, resource text, owner text, token bigint, ms float8, detail text)
LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
  v_now timestamptz;
  v_projects uuid[];
  v_resources text[];
  c record;
  h lock_holdings;
  w lock_waiters;
BEGIN
  SELECT array_agg(x.project_id), array_agg(x.resource) INTO v_projects, v_resources FROM (
    SELECT DISTINCT y.project_id, y.resource::text AS resource FROM lock_waiters y WHERE y.id = ANY (p_ids) ORDER BY 1, 2) x;
  IF v_projects IS NOT NULL THEN PERFORM sb_locks_enter(v_projects, v_resources); END IF;
  v_now := clock_timestamp();
  UPDATE lock_waiters x SET seen_until = v_now + x.lease_ms * interval '1 ms'
    WHERE x.id = ANY (p_ids) AND least(x.seen_until, x.expires_at) > v_now;
  -- Renewals lock holdings without the domain, in the order of ids too.
  PERFORM FROM lock_holdings x WHERE x.id = ANY (p_ids) ORDER BY x.id FOR NO KEY UPDATE;
  FOR i IN 1 .. coalesce(cardinality(v_projects), 0) LOOP
    RETURN QUERY SELECT NULL::integer, x.*, NULL::text FROM sb_locks_clear(v_projects[i], v_resources[i], v_now, p_ageing) x;
    RETURN QUERY SELECT NULL::integer, x.*, NULL::text FROM sb_locks_serve(v_projects[i], ARRAY[v_resources[i]], v_now, p_ageing) x;
  END LOOP;
  FOR c IN SELECT * FROM unnest(p_projects, p_ids) WITH ORDINALITY AS g (project_id, id, n) LOOP
    UPDATE lock_holdings x SET expires_at = v_now + x.ttl_ms * interval '1 ms'
      WHERE x.id = c.id AND x.project_id = c.project_id AND x.expires_at > v_now RETURNING x.* INTO h;
    IF FOUND THEN
      RETURN QUERY SELECT c.n::integer, 'granted', c.id, c.project_id, h.resource::text, h.owner, h.token,
        extract(epoch FROM h.expires_at - v_now)::float8 * 1000, NULL::text;
      CONTINUE;
    END IF;
    SELECT x.* INTO w FROM lock_waiters x WHERE x.id = c.id AND x.project_id = c.project_id;
    IF NOT FOUND THEN
      RETURN QUERY SELECT c.n::integer, 'gone', c.id, c.project_id, NULL::text, NULL::text, NULL::bigint, NULL::float8, NULL::text;
    ELSIF w.refusal IS NOT NULL THEN
      DELETE FROM lock_waiters x WHERE x.id = c.id;
      RETURN QUERY SELECT c.n::integer, 'refused', c.id, c.project_id, w.resource::text, w.owner, NULL::bigint, NULL::float8, w.refusal::text;
    ELSE
      RETURN QUERY SELECT c.n::integer, 'queued', c.id, c.project_id, w.resource::text, w.owner, NULL::bigint,
        sb_lock_look_again(c.project_id, w.resource, v_now), NULL::text;
    END IF;
  END LOOP;
END $$;

-- Gives back a whole batch of holdings, by id and token (ORC-180), and grants what that frees. A token of null stands for whatever the
-- id is now, a request in the queue included: for callers that give up, and for operators. A holding under which a protected write is just
-- being committed cannot go before that is over: it is answered as busy, or with p_expire ends at once for its holder, and for others
-- with the write. Answers per call: released; late (it had expired already, nobody else had it since); busy; gone (no such holding;
-- token then is the greatest that the resource was granted with since, if it is held); stale (the holding has another token).
CREATE FUNCTION sb_locks_release(p_projects uuid[], p_ids uuid[], p_tokens bigint[], p_resources text[], p_expire boolean, p_ageing float8)
RETURNS TABLE (n integer, outcome text, id uuid, project_id uuid, resource text, owner text, token bigint, ms float8, detail text)
LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
  v_now timestamptz;
  v_projects uuid[];
  v_resources text[];
  v_locked uuid[];
  v_locked_projects uuid[];
  v_locked_tokens bigint[];
  v_done integer[];
  v_done_ids uuid[];
  c record;
  h lock_holdings;
  w lock_waiters;
BEGIN
  SELECT array_agg(x.project_id), array_agg(x.resource) INTO v_projects, v_resources FROM (
    SELECT y.project_id, y.resource::text AS resource FROM lock_holdings y WHERE y.id = ANY (p_ids)
    UNION
    SELECT y.project_id, y.resource::text FROM lock_waiters y WHERE y.id = ANY (p_ids)) x;
  IF v_projects IS NOT NULL THEN PERFORM sb_locks_enter(v_projects, v_resources); END IF;
  v_now := clock_timestamp();
  SELECT array_agg(x.id), array_agg(x.project_id), array_agg(x.token) INTO v_locked, v_locked_projects, v_locked_tokens
  FROM (SELECT y.* FROM lock_holdings y WHERE y.id = ANY (p_ids) ORDER BY y.id FOR UPDATE SKIP LOCKED) x;

  SELECT array_agg(g.n::integer), array_agg(g.id) INTO v_done, v_done_ids
  FROM unnest(p_projects, p_ids, p_tokens) WITH ORDINALITY AS g (project_id, id, token, n)
  JOIN unnest(v_locked, v_locked_projects, v_locked_tokens) AS l (id, project_id, token) ON l.id = g.id AND l.project_id = g.project_id
  WHERE g.token IS NULL OR g.token = l.token;
  RETURN QUERY WITH ended AS MATERIALIZED (
    DELETE FROM lock_holdings x WHERE x.id = ANY (v_done_ids)
    RETURNING x.id, x.project_id, x.resource::text AS resource, x.owner, x.token, x.acquired_at, x.expires_at, x.lost_at
  )
  SELECT d.n, CASE WHEN e.expires_at <= v_now THEN 'late' ELSE 'released' END, e.id, e.project_id, e.resource, e.owner, e.token,
    extract(epoch FROM v_now - e.acquired_at)::float8 * 1000, NULL::text
  FROM unnest(v_done, v_done_ids) AS d (n, id) JOIN ended e ON e.id = d.id
  UNION ALL
  SELECT NULL::integer, 'lost', e.id, e.project_id, e.resource, e.owner, e.token, extract(epoch FROM e.expires_at - e.acquired_at)::float8 * 1000,
    NULL::text FROM ended e WHERE e.expires_at <= v_now AND e.lost_at IS NULL;

  FOR c IN SELECT * FROM unnest(p_projects, p_ids, p_tokens, p_resources) WITH ORDINALITY AS g (project_id, id, token, resource, n)
    WHERE v_done IS NULL OR g.n <> ALL (v_done) LOOP
    SELECT x.* INTO h FROM lock_holdings x WHERE x.id = c.id AND x.project_id = c.project_id;
    IF FOUND AND p_expire AND (c.token IS NULL OR h.token = c.token) THEN
      UPDATE lock_holdings x SET expires_at = v_now, lost_at = v_now, delay_ms = 0, check_at = v_now WHERE x.id = c.id;
      RETURN QUERY SELECT c.n::integer, 'released', c.id, c.project_id, h.resource::text, h.owner, h.token,
        extract(epoch FROM v_now - h.acquired_at)::float8 * 1000, NULL::text;
      CONTINUE;
    ELSIF FOUND THEN
      RETURN QUERY SELECT c.n::integer, CASE WHEN h.token <> c.token THEN 'stale' ELSE 'busy' END, c.id, c.project_id, h.resource::text, h.owner,
        h.token, NULL::float8, NULL::text;
      CONTINUE;
    END IF;
    IF c.token IS NULL THEN
      DELETE FROM lock_waiters x WHERE x.id = c.id AND x.project_id = c.project_id RETURNING x.* INTO w;
      IF FOUND THEN
        RETURN QUERY SELECT c.n::integer, 'released', c.id, c.project_id, w.resource::text, w.owner, NULL::bigint, NULL::float8, NULL::text;
        CONTINUE;
      END IF;
    END IF;
    RETURN QUERY SELECT c.n::integer, 'gone', c.id, c.project_id, c.resource, NULL::text,
      (SELECT max(x.token) FROM lock_holdings x WHERE x.project_id = c.project_id AND x.resource = c.resource AND x.token > c.token), NULL::float8, NULL::text;
  END LOOP;

  FOR c IN SELECT f.project_id, array_agg(f.resource) AS resources FROM unnest(v_projects, v_resources) AS f (project_id, resource)
    WHERE sb_lock_awaited(f.project_id, f.resource) GROUP BY 1 LOOP
    RETURN QUERY SELECT NULL::integer, x.*, NULL::text FROM sb_locks_serve(c.project_id, c.resources, v_now, p_ageing) x;
  END LOOP;
END $$;

-- Takes requests out of their queues for a reason that their callers are told when they look again; serves who waits behind.
CREATE FUNCTION sb_locks_refuse(p_project uuid, p_ids uuid[], p_refusal jsonb, p_ageing float8)
RETURNS TABLE (n integer, outcome text, id uuid, project_id uuid, resource text, owner text, token bigint, ms float8, detail text)
LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
  v_now timestamptz;
  v_freed text[] := '{}';
  w lock_waiters;
BEGIN
  PERFORM sb_locks_enter(array_agg(x.project_id), array_agg(x.resource::text)) FROM lock_waiters x WHERE x.id = ANY (p_ids) AND x.project_id = p_project;
  v_now := clock_timestamp();
  FOR w IN UPDATE lock_waiters x SET refusal = p_refusal WHERE x.id = ANY (p_ids) AND x.project_id = p_project AND x.refusal IS NULL
      AND least(x.seen_until, x.expires_at) > v_now RETURNING x.* LOOP
    v_freed := v_freed || w.resource::text;
    RETURN QUERY SELECT NULL::integer, 'refused', w.id, w.project_id, w.resource::text, w.owner, NULL::bigint, NULL::float8, p_refusal::text;
  END LOOP;
  RETURN QUERY SELECT NULL::integer, x.*, NULL::text FROM sb_locks_serve(p_project, v_freed, v_now, p_ageing) x;
END $$;

-- Gives holdings to another owner, with new tokens, as one step: what the old holder still writes is refused. Waits up to two seconds for
-- protected writes that are just being committed; answers busy where that is not enough, else what was moved, with the new tokens.
CREATE FUNCTION sb_locks_hand_over(p_project uuid, p_ids uuid[], p_owner text, p_agent text)
RETURNS TABLE (n integer, outcome text, id uuid, project_id uuid, resource text, owner text, token bigint, ms float8, detail text)
LANGUAGE plpgsql SET enable_seqscan = off SET lock_timeout = '2s' AS $$
DECLARE
  v_now timestamptz;
BEGIN
  PERFORM sb_locks_enter(array_agg(x.project_id), array_agg(x.resource::text)) FROM lock_holdings x WHERE x.id = ANY (p_ids) AND x.project_id = p_project;
  PERFORM FROM lock_holdings x WHERE x.id = ANY (p_ids) AND x.project_id = p_project ORDER BY x.id FOR UPDATE;
  v_now := clock_timestamp();
  RETURN QUERY WITH renamed AS MATERIALIZED (
    SELECT x.token AS old, nextval('fencing_tokens') AS new FROM (
      SELECT DISTINCT y.token FROM lock_holdings y WHERE y.id = ANY (p_ids) AND y.project_id = p_project AND y.expires_at > v_now ORDER BY 1) x
  )
  UPDATE lock_holdings x SET owner = p_owner, agent_id = p_agent, token = r.new, expires_at = v_now + x.ttl_ms * interval '1 ms', renewal_count = 0
  FROM renamed r WHERE x.id = ANY (p_ids) AND x.project_id = p_project AND x.token = r.old AND x.expires_at > v_now
  RETURNING NULL::integer, 'granted', x.id, x.project_id, x.resource::text, x.owner, x.token, x.ttl_ms::float8, NULL::text;
EXCEPTION WHEN lock_not_available THEN
  RETURN QUERY SELECT NULL::integer, 'busy', p_ids[1], p_project, NULL::text, NULL::text, NULL::bigint, NULL::float8, NULL::text;
END $$;

-- Takes away what died although nobody asks for it: holdings that were not renewed, waiters that did not ask again. Looks at up to
-- p_limit holdings that are due and p_limit waiters; a holding renewed meanwhile is looked at again when it ends.
CREATE FUNCTION sb_locks_sweep(p_limit integer, p_ageing float8)
RETURNS TABLE (n integer, outcome text, id uuid, project_id uuid, resource text, owner text, token bigint, ms float8, detail text)
LANGUAGE plpgsql AS $$
DECLARE
  v_now timestamptz := clock_timestamp();
  v_projects uuid[];
  v_resources text[];
BEGIN
  UPDATE lock_holdings h SET check_at = h.expires_at FROM (
    SELECT x.id FROM lock_holdings x WHERE x.check_at <= v_now AND x.expires_at > v_now ORDER BY x.id LIMIT p_limit FOR NO KEY UPDATE SKIP LOCKED) d
  WHERE h.id = d.id AND h.expires_at > v_now;
  SELECT array_agg(x.project_id), array_agg(x.resource) INTO v_projects, v_resources FROM (
    SELECT h.project_id, h.resource::text AS resource FROM (
      SELECT y.* FROM lock_holdings y WHERE y.check_at <= v_now AND y.expires_at <= v_now ORDER BY y.check_at LIMIT p_limit) h
    UNION
    SELECT w.project_id, w.resource::text FROM (
      SELECT y.* FROM lock_waiters y WHERE least(y.seen_until, y.expires_at) <= v_now LIMIT p_limit) w) x;
  IF v_projects IS NULL THEN RETURN; END IF;
  PERFORM sb_locks_enter(v_projects, v_resources);
  v_now := clock_timestamp();
  FOR i IN 1 .. cardinality(v_projects) LOOP
    RETURN QUERY SELECT NULL::integer, x.*, NULL::text FROM sb_locks_clear(v_projects[i], v_resources[i], v_now, p_ageing) x;
  END LOOP;
END $$;

-- Down Migration

DROP FUNCTION sb_locks_sweep(integer, float8);
DROP FUNCTION sb_locks_hand_over(uuid, uuid[], text, text);
DROP FUNCTION sb_locks_refuse(uuid, uuid[], jsonb, float8);
DROP FUNCTION sb_locks_release(uuid[], uuid[], bigint[], text[], boolean, float8);
DROP FUNCTION sb_locks_poll(uuid[], uuid[], float8);
DROP FUNCTION sb_locks_acquire(jsonb, float8);
DROP FUNCTION sb_lock_look_again(uuid, text, timestamptz);
DROP FUNCTION sb_locks_clear(uuid, text, timestamptz, float8);
DROP FUNCTION sb_locks_serve(uuid, text[], timestamptz, float8);
DROP FUNCTION sb_lock_grant(lock_waiters, integer, timestamptz);
DROP FUNCTION sb_lock_blocker(uuid, text, text, boolean, boolean, float8, bigint, timestamptz, float8);
DROP FUNCTION sb_lock_touched(uuid, text);
DROP FUNCTION sb_lock_awaited(uuid, text);
DROP FUNCTION sb_lock_rank(integer, timestamptz, timestamptz, float8);
DROP FUNCTION sb_locks_enter(uuid[], text[]);
DROP FUNCTION sb_lock_prefixes(text);
DROP TRIGGER trg_projects_locks_go ON projects;
DROP TABLE lock_waiters;
DROP TABLE lock_holdings;
DROP FUNCTION sb_locks_of_project_go();
DROP FUNCTION sb_locks_belong();
