-- Keys: rotation with a time of grace, and when each was used last.

-- Up Migration

ALTER TABLE api_keys
  ADD COLUMN rotated_at timestamptz,
  -- What the secret was before the last rotation, and until when it still works.
  ADD COLUMN previous_digest bytea CONSTRAINT uq_api_keys_previous UNIQUE,
  ADD COLUMN previous_until timestamptz,
  ADD CONSTRAINT chk_api_keys_previous CHECK ((previous_digest IS NULL) = (previous_until IS NULL));

-- Apart from the keys, whose versions tell of what people changed.
CREATE TABLE api_key_uses (
  key_id uuid PRIMARY KEY CONSTRAINT fk_api_key_uses_key REFERENCES api_keys ON DELETE CASCADE,
  last_used_at timestamptz NOT NULL
);

-- Down Migration

DROP TABLE api_key_uses;
ALTER TABLE api_keys DROP COLUMN previous_until, DROP COLUMN previous_digest, DROP COLUMN rotated_at;
