-- Content-addressed bodies: stored once per project, whoever refers to them.

-- Up Migration

CREATE TABLE content_blobs (
  project_id uuid NOT NULL CONSTRAINT fk_content_blobs_project REFERENCES projects ON DELETE CASCADE,
  -- SHA-256 of the body as it was given.
  digest bytea NOT NULL CONSTRAINT chk_content_blobs_digest CHECK (octet_length(digest) = 32),
  -- Whether the body is stored as a Zstandard frame.
  compressed boolean NOT NULL,
  -- Of the body as it was given.
  bytes integer NOT NULL CONSTRAINT chk_content_blobs_bytes CHECK (bytes >= 0),
  body bytea NOT NULL,
  -- When it was last put, to the hour: what nothing refers to is kept a while, for whoever has just put it.
  last_used_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (project_id, digest)
);
-- Compressed by its writer where that pays.
ALTER TABLE content_blobs ALTER COLUMN body SET STORAGE EXTERNAL;

-- Deletes, of up to p_limit bodies that follow the given one, those that nothing refers to and that nobody has put within
-- p_grace. Whoever refers to a body has a foreign key (project_id, digest) to this table; they are found in the catalogue,
-- so none can be forgotten. Answers how many were looked at and deleted, and the last one looked at.
--
-- Candidates are locked in a statement of their own before they are looked at again: a foreign key holds its body's row
-- until its transaction ends, so what is locked here has no reference under way, and the last look sees all that committed.
CREATE FUNCTION sb_content_prune(p_after_project uuid, p_after_digest bytea, p_limit integer, p_grace interval)
RETURNS TABLE (looked_at integer, pruned integer, last_project uuid, last_digest bytea) LANGUAGE plpgsql AS $$
DECLARE
  v_unused text;
  v_projects uuid[];
  v_digests bytea[];
BEGIN
  SELECT coalesce(string_agg(format('AND NOT EXISTS (SELECT FROM %s r WHERE %s)', c.conrelid::regclass, c.columns), ' '), '')
  INTO v_unused
  FROM (
    SELECT k.conrelid, (
      SELECT string_agg(format('r.%I = b.%I', f.attname, p.attname), ' AND ' ORDER BY n)
      FROM unnest(k.conkey, k.confkey) WITH ORDINALITY AS pairs (theirs, ours, n)
      JOIN pg_attribute f ON f.attrelid = k.conrelid AND f.attnum = pairs.theirs
      JOIN pg_attribute p ON p.attrelid = k.confrelid AND p.attnum = pairs.ours) AS columns
    FROM pg_constraint k
    WHERE k.contype = 'f' AND k.confrelid = 'content_blobs'::regclass AND k.conparentid = 0
  ) c;

  EXECUTE format('WITH looked AS (
      SELECT b.project_id, b.digest, b.last_used_at FROM content_blobs b
      WHERE (b.project_id, b.digest) > ($1, $2) ORDER BY b.project_id, b.digest LIMIT $3
    ), unused AS (
      SELECT b.project_id, b.digest FROM looked b WHERE b.last_used_at < now() - $4 %s
    ), final AS (
      SELECT project_id, digest FROM looked ORDER BY project_id DESC, digest DESC LIMIT 1
    )
    SELECT (SELECT count(*) FROM looked), (SELECT project_id FROM final), (SELECT digest FROM final),
      (SELECT array_agg(project_id) FROM unused), (SELECT array_agg(digest) FROM unused)', v_unused)
  INTO looked_at, last_project, last_digest, v_projects, v_digests
  USING p_after_project, p_after_digest, p_limit, p_grace;

  pruned := 0;
  IF v_projects IS NOT NULL THEN
    SELECT array_agg(l.project_id), array_agg(l.digest) INTO v_projects, v_digests FROM (
      SELECT b.project_id, b.digest FROM content_blobs b JOIN unnest(v_projects, v_digests) AS u (project_id, digest)
        ON b.project_id = u.project_id AND b.digest = u.digest
      WHERE b.last_used_at < now() - p_grace
      ORDER BY b.project_id, b.digest FOR UPDATE OF b SKIP LOCKED) l;
    EXECUTE format('DELETE FROM content_blobs b USING unnest($1, $2) AS u (project_id, digest)
      WHERE b.project_id = u.project_id AND b.digest = u.digest %s', v_unused)
    USING v_projects, v_digests;
    GET DIAGNOSTICS pruned = ROW_COUNT;
  END IF;
  RETURN NEXT;
END $$;

-- Down Migration

DROP FUNCTION sb_content_prune(uuid, bytea, integer, interval);
DROP TABLE content_blobs;
