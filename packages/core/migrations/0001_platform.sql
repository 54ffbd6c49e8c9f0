-- Projects, keys, the change feed, idempotency keys, and the rules every other table uses.

-- Up Migration

CREATE FUNCTION sb_enforce_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW IS NOT DISTINCT FROM OLD THEN
    RETURN NEW;
  END IF;
  IF NEW.version IS DISTINCT FROM OLD.version + 1 THEN
    RAISE EXCEPTION 'stale version of % %', TG_TABLE_NAME, OLD.id
      USING ERRCODE = 'SB001', DETAIL = json_build_object('id', OLD.id, 'expected', OLD.version + 1, 'received', NEW.version)::text;
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION sb_insert_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.version := 1;
  RETURN NEW;
END $$;

-- Rows of an append-only table never change, and go only with the row that owns them (a cascade runs one trigger deeper).
CREATE FUNCTION sb_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND pg_trigger_depth() > 1 THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'SB003';
END $$;

CREATE SEQUENCE fencing_tokens AS bigint;

CREATE TABLE projects (
  id uuid PRIMARY KEY,
  slug text NOT NULL CONSTRAINT chk_projects_slug CHECK (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  name text NOT NULL CONSTRAINT chk_projects_name CHECK (length(btrim(name)) BETWEEN 1 AND 200),
  settings jsonb NOT NULL DEFAULT '{}' CONSTRAINT chk_projects_settings CHECK (jsonb_typeof(settings) = 'object'),
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT uq_projects_slug UNIQUE (slug)
);
CREATE TRIGGER trg_projects_insert_version BEFORE INSERT ON projects FOR EACH ROW EXECUTE FUNCTION sb_insert_version();
CREATE TRIGGER trg_projects_version BEFORE UPDATE ON projects FOR EACH ROW EXECUTE FUNCTION sb_enforce_version();

CREATE TABLE api_keys (
  id uuid PRIMARY KEY,
  project_id uuid NOT NULL CONSTRAINT fk_api_keys_project REFERENCES projects ON DELETE CASCADE,
  name text NOT NULL CONSTRAINT chk_api_keys_name CHECK (length(btrim(name)) BETWEEN 1 AND 100),
  role text NOT NULL CONSTRAINT chk_api_keys_role CHECK (role IN ('viewer', 'agent', 'approver', 'operator', 'admin')),
  -- The first characters of the key, so that people can tell keys apart; the rest is kept only as a digest.
  prefix text NOT NULL,
  secret_digest bytea NOT NULL,
  created_by text,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz,
  revoked_at timestamptz,
  CONSTRAINT uq_api_keys_digest UNIQUE (secret_digest)
);
CREATE INDEX idx_api_keys_project ON api_keys (project_id, created_at);
CREATE TRIGGER trg_api_keys_insert_version BEFORE INSERT ON api_keys FOR EACH ROW EXECUTE FUNCTION sb_insert_version();
CREATE TRIGGER trg_api_keys_version BEFORE UPDATE ON api_keys FOR EACH ROW EXECUTE FUNCTION sb_enforce_version();

-- Answers of creating calls, so that a repeated request is answered, not repeated (24 h by default, CTL-003).
CREATE TABLE idempotency_keys (
  project_id uuid NOT NULL CONSTRAINT fk_idempotency_project REFERENCES projects ON DELETE CASCADE,
  key text NOT NULL CONSTRAINT chk_idempotency_key CHECK (length(key) BETWEEN 1 AND 255),
  -- Method, route and body of the request, digested: the same key with another request is refused.
  request_digest bytea NOT NULL,
  -- Null while the first request is still under way.
  response_status integer,
  response_headers jsonb,
  response_body text,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (project_id, key)
);
CREATE INDEX idx_idempotency_expires ON idempotency_keys (expires_at);

-- The change feed. A row is written with the change itself; its position is given after commit, so that readers who
-- saw position n have seen all before it. Partitioned by day and dropped by partition.
CREATE TABLE feed_entries (
  id bigint GENERATED ALWAYS AS IDENTITY,
  project_id uuid NOT NULL,
  position bigint,
  topic text NOT NULL,
  payload jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (created_at, id)
) PARTITION BY RANGE (created_at);
CREATE TABLE feed_entries_default PARTITION OF feed_entries DEFAULT;
CREATE INDEX idx_feed_unplaced ON feed_entries (id) WHERE position IS NULL;
CREATE INDEX idx_feed_position ON feed_entries (project_id, position) WHERE position IS NOT NULL;

CREATE TABLE feed_heads (
  project_id uuid PRIMARY KEY CONSTRAINT fk_feed_heads_project REFERENCES projects ON DELETE CASCADE,
  -- Changes with every database: positions of another database are answered with a reset.
  epoch uuid NOT NULL DEFAULT gen_random_uuid(),
  last_position bigint NOT NULL DEFAULT 0,
  -- The oldest position that retention has left.
  first_position bigint NOT NULL DEFAULT 1
);
CREATE FUNCTION sb_feed_head() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO feed_heads (project_id) VALUES (NEW.id);
  RETURN NULL;
END $$;
CREATE TRIGGER trg_projects_feed_head AFTER INSERT ON projects FOR EACH ROW EXECUTE FUNCTION sb_feed_head();

-- Gives up to p_limit committed rows their positions. The lock is taken by a statement of its own, so that the snapshot
-- of the next one is younger than the commit of whoever held the lock before.
CREATE FUNCTION sb_feed_place(p_limit integer) RETURNS TABLE (project uuid, first_placed bigint, last_placed bigint)
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('signalbox.feed'));
  RETURN QUERY
  WITH unplaced AS (
    SELECT e.created_at, e.id, e.project_id, h.last_position
    FROM feed_entries e JOIN feed_heads h ON h.project_id = e.project_id
    WHERE e.position IS NULL ORDER BY e.id LIMIT p_limit
  ), numbered AS (
    SELECT u.created_at, u.id, u.project_id,
      u.last_position + row_number() OVER (PARTITION BY u.project_id ORDER BY u.id) AS position
    FROM unplaced u
  ), placed AS (
    UPDATE feed_entries e SET position = n.position FROM numbered n WHERE e.created_at = n.created_at AND e.id = n.id
  ), spans AS (
    SELECT n.project_id, min(n.position) AS first_position, max(n.position) AS last_position FROM numbered n GROUP BY n.project_id
  )
  UPDATE feed_heads h SET last_position = s.last_position FROM spans s WHERE h.project_id = s.project_id
  RETURNING h.project_id, s.first_position, s.last_position;
END $$;

-- Down Migration

DROP FUNCTION sb_feed_place(integer);
DROP TABLE feed_heads;
DROP TABLE feed_entries;
DROP TABLE idempotency_keys;
DROP TABLE api_keys;
DROP TABLE projects;
DROP FUNCTION sb_feed_head();
DROP SEQUENCE fencing_tokens;
DROP FUNCTION sb_append_only();
DROP FUNCTION sb_insert_version();
DROP FUNCTION sb_enforce_version();
