-- Threads: the checkpoints of graphs that run elsewhere (packages/langgraph).

-- Up Migration

CREATE TABLE threads (
  -- Within the database only; outside a thread goes by its project and thread_id.
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  project_id uuid NOT NULL CONSTRAINT fk_threads_project REFERENCES projects ON DELETE CASCADE,
  thread_id text COLLATE "C" NOT NULL CONSTRAINT chk_threads_thread_id CHECK (octet_length(thread_id) BETWEEN 1 AND 1000),
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT uq_threads_thread_id UNIQUE (project_id, thread_id)
);

-- Columns of fixed length first, and JSON as the type that is not written: of a checkpoint at which nothing changed, each byte counts.
CREATE TABLE thread_checkpoints (
  thread bigint NOT NULL CONSTRAINT fk_thread_checkpoints_thread REFERENCES threads ON DELETE CASCADE,
  created_at timestamptz NOT NULL DEFAULT now(),
  -- Empty for the graph itself, else the path of a graph within it.
  namespace text COLLATE "C" NOT NULL,
  -- Given by the graph, greater than those before it.
  checkpoint_id text COLLATE "C" NOT NULL CONSTRAINT chk_thread_checkpoints_id CHECK (octet_length(checkpoint_id) BETWEEN 1 AND 500),
  -- No key: a parent may be pruned before its children.
  parent_id text COLLATE "C",
  -- [[checkpoint, {channel: version}], …]: the version of each channel, by the checkpoint in which its value was brought; null for
  -- one that nobody knew of. A hint: what is not there is looked for.
  channels json NOT NULL,
  -- What this checkpoint brought, [[channel, version, type, place], …]. The place is a length for a value that stands in "held", one after
  -- the other; the digest of one that stands apart, in thread_values; null for a channel without a value.
  holds json,
  held bytea,
  CONSTRAINT chk_thread_checkpoints_held CHECK ((holds IS NULL) = (held IS NULL)),
  -- Null for "json", as in metadata_type.
  body_type text,
  body bytea NOT NULL,
  metadata_type text,
  metadata bytea NOT NULL,
  PRIMARY KEY (thread, namespace, checkpoint_id)
);

-- Values that stand apart from the checkpoint that brought them: large ones, and those that outlive it.
CREATE TABLE thread_values (
  thread bigint NOT NULL CONSTRAINT fk_thread_values_thread REFERENCES threads ON DELETE CASCADE,
  namespace text COLLATE "C" NOT NULL,
  checkpoint_id text COLLATE "C" NOT NULL,
  channel text COLLATE "C" NOT NULL,
  version text COLLATE "C" NOT NULL,
  value_type text NOT NULL,
  -- Large ones stand among the contents; neither for a channel without a value.
  value bytea,
  project_id uuid,
  digest bytea,
  CONSTRAINT chk_thread_values_place CHECK (num_nonnulls(value, digest) <= 1 AND (digest IS NULL) = (project_id IS NULL)),
  PRIMARY KEY (thread, namespace, checkpoint_id, channel, version),
  -- Deferred, so that a project can go with all it has, in whatever order.
  CONSTRAINT fk_thread_values_content FOREIGN KEY (project_id, digest) REFERENCES content_blobs DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX idx_thread_values_content ON thread_values (project_id, digest) WHERE digest IS NOT NULL;

-- What tasks wrote after a checkpoint and before the next. May come before its checkpoint does.
CREATE TABLE thread_writes (
  thread bigint NOT NULL CONSTRAINT fk_thread_writes_thread REFERENCES threads ON DELETE CASCADE,
  namespace text COLLATE "C" NOT NULL,
  checkpoint_id text COLLATE "C" NOT NULL,
  task_id text COLLATE "C" NOT NULL,
  -- Place within the task; below zero for those of which a task has one, which is replaced.
  idx integer NOT NULL,
  task_path text COLLATE "C" NOT NULL,
  channel text NOT NULL,
  value_type text NOT NULL,
  value bytea,
  project_id uuid,
  digest bytea,
  CONSTRAINT chk_thread_writes_place CHECK (num_nonnulls(value, digest) = 1 AND (digest IS NULL) = (project_id IS NULL)),
  PRIMARY KEY (thread, namespace, checkpoint_id, task_id, idx),
  CONSTRAINT fk_thread_writes_content FOREIGN KEY (project_id, digest) REFERENCES content_blobs DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX idx_thread_writes_content ON thread_writes (project_id, digest) WHERE digest IS NOT NULL;

-- The ids of the threads named, made where there are none, and kept from deletion and pruning until the transaction ends.
CREATE FUNCTION sb_threads_hold(p_projects uuid[], p_threads text[]) RETURNS bigint[] LANGUAGE plpgsql
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_ids bigint[];
BEGIN
  -- One caller alone: half the time of the general way.
  IF cardinality(p_threads) = 1 THEN
    SELECT ARRAY[t.id] INTO v_ids FROM threads t
    WHERE t.project_id = p_projects[1] AND t.thread_id = p_threads[1] FOR KEY SHARE OF t;
    IF FOUND THEN
      RETURN v_ids;
    END IF;
  END IF;
  LOOP
    SELECT array_agg(h.id ORDER BY h.n) INTO v_ids FROM (
      SELECT t.id, g.n FROM unnest(p_projects, p_threads) WITH ORDINALITY AS g (project_id, thread_id, n)
      JOIN threads t ON t.project_id = g.project_id AND t.thread_id = g.thread_id
      ORDER BY t.id FOR KEY SHARE OF t) h;
    IF cardinality(v_ids) = cardinality(p_threads) THEN
      RETURN v_ids;
    END IF;
    INSERT INTO threads (project_id, thread_id)
    SELECT DISTINCT g.project_id, g.thread_id FROM unnest(p_projects, p_threads) AS g (project_id, thread_id)
    WHERE NOT EXISTS (SELECT FROM threads t WHERE t.project_id = g.project_id AND t.thread_id = g.thread_id)
    ORDER BY 1, 2 ON CONFLICT DO NOTHING;
  END LOOP;
END $$;

-- The values that a checkpoint brought, but for those that stand apart.
CREATE FUNCTION sb_thread_held(p_holds json, p_held bytea)
RETURNS TABLE (channel text, version text, value_type text, value bytea) LANGUAGE sql IMMUTABLE AS $$
  SELECT h.channel, h.version, h.type, substr(p_held, (h.until - h.bytes + 1)::integer, h.bytes)
  FROM (
    SELECT e ->> 0 AS channel, e ->> 1 AS version, e ->> 2 AS type, json_typeof(e -> 3) AS place,
      CASE WHEN json_typeof(e -> 3) = 'number' THEN (e ->> 3)::integer END AS bytes,
      sum(CASE WHEN json_typeof(e -> 3) = 'number' THEN (e ->> 3)::integer ELSE 0 END) OVER (ORDER BY n) AS until
    FROM json_array_elements(p_holds) WITH ORDINALITY AS a (e, n)) h
  WHERE h.place <> 'string';
$$;

-- Keeps what tasks wrote, for a whole batch of calls, each thread and namespace once. A write that is there stays, but for
-- those of which a task has one.
CREATE FUNCTION sb_threads_write(
  p_projects uuid[], p_threads text[], p_namespaces text[], p_checkpoints text[],
  p_call integer[], p_task text[], p_idx integer[], p_path text[], p_channel text[], p_type text[], p_value bytea[], p_digest bytea[]
) RETURNS void LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_ids bigint[] := sb_threads_hold(p_projects, p_threads);
BEGIN
  INSERT INTO thread_writes AS t (thread, namespace, checkpoint_id, task_id, idx, task_path, channel, value_type, value, project_id, digest)
  SELECT v_ids[w.c], p_namespaces[w.c], p_checkpoints[w.c], w.task, w.idx, w.path, w.channel, w.type, w.value,
    CASE WHEN w.digest IS NOT NULL THEN p_projects[w.c] END, w.digest
  FROM unnest(p_call, p_task, p_idx, p_path, p_channel, p_type, p_value, p_digest) AS w (c, task, idx, path, channel, type, value, digest)
  ORDER BY 1, 2, 3, 4, 5
  ON CONFLICT (thread, namespace, checkpoint_id, task_id, idx) DO UPDATE SET task_path = EXCLUDED.task_path, channel = EXCLUDED.channel,
    value_type = EXCLUDED.value_type, value = EXCLUDED.value, project_id = EXCLUDED.project_id, digest = EXCLUDED.digest
    WHERE t.idx < 0;
END $$;

-- Loads a checkpoint for each call: the one named, or the latest where p_checkpoints is null. A row for the checkpoint ('c'), one
-- for what each checkpoint brought that has values of its channels ('h'), one for each of its values that stands apart ('v'), one for each
-- write after it ('w'), in this order for each call. Looked up one by one: as a join, a plan made while the table was young read every
-- value of the thread.
CREATE FUNCTION sb_threads_load(p_projects uuid[], p_threads text[], p_namespaces text[], p_checkpoints text[])
RETURNS TABLE (call integer, kind text, name text, thread bigint, source text, version text, task_id text, task_path text, idx integer,
  channels text, holds text, created_at timestamptz, value_type text, value bytea, metadata_type text, metadata bytea, compressed boolean, bytes integer)
LANGUAGE plpgsql STABLE SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  RETURN QUERY
  WITH found AS MATERIALIZED (
    SELECT g.n::integer AS n, c.*
    FROM unnest(p_projects, p_threads, p_namespaces, p_checkpoints) WITH ORDINALITY AS g (project_id, thread_id, namespace, id, n)
    JOIN threads t ON t.project_id = g.project_id AND t.thread_id = g.thread_id
    CROSS JOIN LATERAL (
      SELECT * FROM thread_checkpoints k WHERE k.thread = t.id AND k.namespace = g.namespace
        AND k.checkpoint_id >= coalesce(g.id, '') AND k.checkpoint_id <= coalesce(g.id, U&'\+10FFFF')
      ORDER BY k.checkpoint_id DESC LIMIT 1) c
  ), grouped AS MATERIALIZED (
    SELECT f.n, f.thread, f.namespace, e ->> 0 AS source, e -> 1 AS versions
    FROM found f CROSS JOIN LATERAL json_array_elements(f.channels) AS e WHERE e ->> 0 IS NOT NULL
  )
  SELECT f.n, 'c', f.checkpoint_id, f.thread, f.parent_id, NULL::text, NULL::text, NULL::text, NULL::integer, f.channels::text, NULL::text,
    f.created_at, coalesce(f.body_type, 'json'), f.body, coalesce(f.metadata_type, 'json'), f.metadata, NULL::boolean, NULL::integer
  FROM found f
  UNION ALL
  SELECT g.n, 'h', NULL, NULL, g.source, NULL, NULL, NULL, NULL, NULL, h.holds::text, NULL, NULL, h.held, NULL, NULL, NULL, NULL
  FROM grouped g CROSS JOIN LATERAL (
    SELECT k.holds, k.held FROM thread_checkpoints k
    WHERE k.thread = g.thread AND k.namespace = g.namespace AND k.checkpoint_id = g.source AND k.holds IS NOT NULL LIMIT 1) h
  UNION ALL
  SELECT g.n, 'v', v.channel, NULL, g.source, v.version, NULL, NULL, NULL, NULL, NULL, NULL, v.value_type, coalesce(v.value, b.body), NULL, NULL,
    b.compressed, b.bytes
  FROM grouped g CROSS JOIN LATERAL json_each_text(g.versions) AS e (channel, version)
  CROSS JOIN LATERAL (
    SELECT * FROM thread_values x WHERE x.thread = g.thread AND x.namespace = g.namespace AND x.checkpoint_id = g.source
      AND x.channel = e.channel AND x.version = e.version LIMIT 1) v
  LEFT JOIN content_blobs b ON b.project_id = v.project_id AND b.digest = v.digest
  UNION ALL
  (SELECT f.n, 'w', w.channel, NULL, NULL, NULL, w.task_id, w.task_path, w.idx, NULL, NULL, NULL, w.value_type, coalesce(w.value, b.body), NULL, NULL,
    b.compressed, b.bytes
  FROM found f JOIN thread_writes w ON w.thread = f.thread AND w.namespace = f.namespace AND w.checkpoint_id = f.checkpoint_id
  LEFT JOIN content_blobs b ON b.project_id = w.project_id AND b.digest = w.digest
  ORDER BY f.n, w.task_path, w.task_id, w.idx);
END $$;

-- Looks for values of which it is not known what brought them: of the checkpoints of the thread and namespace that brought a value
-- under this version the latest up to the one named, else the first after it.
CREATE FUNCTION sb_threads_search(p_threads bigint[], p_namespaces text[], p_checkpoints text[], p_channels text[], p_versions text[])
RETURNS TABLE (place integer, value_type text, value bytea, compressed boolean, bytes integer) LANGUAGE sql STABLE AS $$
  SELECT w.n::integer, f.value_type, f.value, f.compressed, f.bytes
  FROM unnest(p_threads, p_namespaces, p_checkpoints, p_channels, p_versions) WITH ORDINALITY AS w (thread, namespace, id, channel, version, n)
  CROSS JOIN LATERAL (
    SELECT c.* FROM (
      SELECT k.checkpoint_id, h.value_type, h.value, NULL::boolean AS compressed, NULL::integer AS bytes
      FROM thread_checkpoints k CROSS JOIN LATERAL sb_thread_held(k.holds, k.held) h
      WHERE k.thread = w.thread AND k.namespace = w.namespace AND k.holds IS NOT NULL AND h.channel = w.channel AND h.version = w.version
      UNION ALL
      SELECT x.checkpoint_id, x.value_type, coalesce(x.value, b.body), b.compressed, b.bytes
      FROM thread_values x LEFT JOIN content_blobs b ON b.project_id = x.project_id AND b.digest = x.digest
      WHERE x.thread = w.thread AND x.namespace = w.namespace AND x.channel = w.channel AND x.version = w.version) c
    ORDER BY c.checkpoint_id > w.id, CASE WHEN c.checkpoint_id <= w.id THEN c.checkpoint_id END DESC, c.checkpoint_id LIMIT 1) f;
$$;

-- Metadata as something that can be searched; null where its type is not JSON (null). What PostgreSQL cannot hold in JSON text is left out.
CREATE FUNCTION sb_thread_metadata(p_type text, p_metadata bytea) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF p_type IS NOT NULL THEN
    RETURN NULL;
  END IF;
  RETURN regexp_replace(convert_from(p_metadata, 'UTF8'), '(?<!\\)((?:\\\\)*)\\u(?:0000|d[89a-f][0-9a-f]{2})', '\1', 'gi')::jsonb;
EXCEPTION WHEN data_exception THEN
  RETURN NULL;
END $$;

-- Which versions of which channels the checkpoints of a thread have.
CREATE FUNCTION sb_thread_named(p_thread bigint) RETURNS TABLE (namespace text, channel text, version text) LANGUAGE sql STABLE AS $$
  SELECT DISTINCT c.namespace, e.key, e.value FROM thread_checkpoints c
  CROSS JOIN LATERAL json_array_elements(c.channels) AS g CROSS JOIN LATERAL json_each_text(g -> 1) AS e WHERE c.thread = p_thread;
$$;

-- Deletes old checkpoints of one thread, with their writes and the values that no other checkpoint has. Kept are, in each
-- namespace, the newest p_keep and those since p_since (either may be null), the newest one always; those of a single task's graph
-- ("node:task") as long as the checkpoint of the whole graph they belong to; and, where channels are stored as what was added since their last
-- snapshot, the ancestors back to that.
CREATE FUNCTION sb_threads_prune(p_project uuid, p_thread text, p_keep integer, p_since timestamptz)
RETURNS TABLE (checkpoints integer, channel_values integer) LANGUAGE plpgsql AS $$
DECLARE
  v_id bigint;
  v_namespaces text[];
  v_checkpoints text[];
  v_holds json[];
  v_held bytea[];
  v_brought integer;
  v_moved integer;
BEGIN
  channel_values := 0;
  SELECT t.id INTO v_id FROM threads t WHERE t.project_id = p_project AND t.thread_id = p_thread FOR UPDATE;
  WITH RECURSIVE ranked AS MATERIALIZED (
    SELECT c.namespace, c.checkpoint_id, c.parent_id, c.created_at,
      m.metadata -> 'counters_since_delta_snapshot' IS NOT NULL AS unfinished,
      CASE WHEN c.namespace LIKE '%:%' THEN m.metadata -> 'parents' ->> '' END AS belongs_to,
      row_number() OVER (PARTITION BY c.namespace ORDER BY c.checkpoint_id DESC) AS place
    FROM thread_checkpoints c CROSS JOIN LATERAL (SELECT sb_thread_metadata(c.metadata_type, c.metadata)) AS m (metadata)
    WHERE c.thread = v_id
  ), kept AS (
    SELECT r.namespace, r.checkpoint_id, r.parent_id, r.unfinished FROM ranked r
    WHERE r.belongs_to IS NULL AND (r.place = 1 OR r.place <= p_keep OR r.created_at >= p_since)
    UNION
    SELECT r.namespace, r.checkpoint_id, r.parent_id, r.unfinished FROM kept k JOIN ranked r
      ON (k.unfinished AND r.namespace = k.namespace AND r.checkpoint_id = k.parent_id)
        OR (k.namespace = '' AND r.belongs_to = k.checkpoint_id)
  ), gone AS (
    DELETE FROM thread_checkpoints c WHERE c.thread = v_id
      AND NOT EXISTS (SELECT FROM kept k WHERE k.namespace = c.namespace AND k.checkpoint_id = c.checkpoint_id)
    RETURNING c.namespace, c.checkpoint_id, c.holds, c.held
  )
  SELECT array_agg(g.namespace), array_agg(g.checkpoint_id), array_agg(g.holds), array_agg(g.held), count(*)
  INTO v_namespaces, v_checkpoints, v_holds, v_held, checkpoints FROM gone g;
  IF checkpoints = 0 THEN
    RETURN NEXT;
    RETURN;
  END IF;

  DELETE FROM thread_writes w USING unnest(v_namespaces, v_checkpoints) AS g (namespace, checkpoint_id)
  WHERE w.thread = v_id AND w.namespace = g.namespace AND w.checkpoint_id = g.checkpoint_id;

  -- What a kept checkpoint has outlives the one that brought it.
  WITH brought AS MATERIALIZED (
    SELECT g.namespace, g.id, h.* FROM unnest(v_namespaces, v_checkpoints, v_holds, v_held) AS g (namespace, id, holds, held)
    CROSS JOIN LATERAL sb_thread_held(g.holds, g.held) h
  ), moved AS (
    INSERT INTO thread_values (thread, namespace, checkpoint_id, channel, version, value_type, value)
    SELECT v_id, b.namespace, b.id, b.channel, b.version, b.value_type, b.value FROM brought b
    WHERE (b.namespace, b.channel, b.version) IN (SELECT * FROM sb_thread_named(v_id))
    ON CONFLICT DO NOTHING RETURNING 1
  )
  SELECT (SELECT count(*) FROM brought), (SELECT count(*) FROM moved) INTO v_brought, v_moved;

  DELETE FROM thread_values v WHERE v.thread = v_id AND (v.namespace, v.channel, v.version) NOT IN (SELECT * FROM sb_thread_named(v_id));
  GET DIAGNOSTICS channel_values = ROW_COUNT;
  channel_values := channel_values + v_brought - v_moved;
  RETURN NEXT;
END $$;

-- Down Migration

DROP FUNCTION sb_threads_prune(uuid, text, integer, timestamptz);
DROP FUNCTION sb_thread_named(bigint);
DROP FUNCTION sb_thread_metadata(text, bytea);
DROP FUNCTION sb_threads_search(bigint[], text[], text[], text[], text[]);
DROP FUNCTION sb_threads_load(uuid[], text[], text[], text[]);
DROP FUNCTION sb_threads_write(uuid[], text[], text[], text[], integer[], text[], integer[], text[], text[], text[], bytea[], bytea[]);
DROP FUNCTION sb_thread_held(json, bytea);
DROP FUNCTION sb_threads_hold(uuid[], text[]);
DROP TABLE thread_writes;
DROP TABLE thread_values;
DROP TABLE thread_checkpoints;
DROP TABLE threads;
