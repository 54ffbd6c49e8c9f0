-- Webhooks: where a project's changes are told outside, and what became of each message.

-- Up Migration

CREATE TABLE webhook_endpoints (
  id uuid PRIMARY KEY,
  project_id uuid NOT NULL CONSTRAINT fk_webhook_endpoints_project REFERENCES projects ON DELETE CASCADE,
  -- What may be shown of its address; the address itself, which may be a secret, sealed with the key outside of the database.
  url text NOT NULL CONSTRAINT chk_webhook_endpoints_url CHECK (length(url) BETWEEN 1 AND 2000),
  sealed_url text NOT NULL CONSTRAINT chk_webhook_endpoints_sealed_url CHECK (length(sealed_url) BETWEEN 1 AND 12000),
  description text NOT NULL CONSTRAINT chk_webhook_endpoints_description CHECK (length(description) <= 500),
  -- Topics of the change feed, or topic.kind, or *.
  events text[] NOT NULL CONSTRAINT chk_webhook_endpoints_events CHECK (cardinality(events) BETWEEN 1 AND 100),
  format text NOT NULL CONSTRAINT chk_webhook_endpoints_format CHECK (format IN ('standard', 'slack')),
  enabled boolean NOT NULL,
  -- Set where it was not a person who disabled it.
  disabled_at timestamptz,
  disabled_reason text,
  -- Secrets are derived from a key outside of the database; this says from which, and what of it.
  key_id text NOT NULL,
  generation integer NOT NULL DEFAULT 1 CONSTRAINT chk_webhook_endpoints_generation CHECK (generation >= 1),
  previous_until timestamptz,
  -- How far it has been told the feed: what comes after is not among the deliveries yet.
  epoch uuid NOT NULL,
  position bigint NOT NULL,
  failing_since timestamptz,
  -- Who delivers just now.
  lease_token uuid,
  lease_until timestamptz,
  created_by text,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT uq_webhook_endpoints_project UNIQUE (project_id, id),
  CONSTRAINT chk_webhook_endpoints_disabled CHECK ((disabled_at IS NULL) = (disabled_reason IS NULL) AND (disabled_at IS NULL OR NOT enabled)),
  CONSTRAINT chk_webhook_endpoints_lease CHECK ((lease_token IS NULL) = (lease_until IS NULL))
);

CREATE TABLE webhook_deliveries (
  id uuid PRIMARY KEY,
  -- The order in which an endpoint is told.
  n bigint GENERATED ALWAYS AS IDENTITY,
  project_id uuid NOT NULL,
  endpoint_id uuid NOT NULL,
  kind text NOT NULL CONSTRAINT chk_webhook_deliveries_kind CHECK (kind IN ('event', 'reset', 'test')),
  type text NOT NULL,
  position bigint,
  -- As it is signed and sent, at each attempt.
  body text NOT NULL,
  status text NOT NULL CONSTRAINT chk_webhook_deliveries_status CHECK (status IN ('pending', 'delivered', 'failed')),
  -- Sent again on request, whatever waits before it.
  redriven boolean NOT NULL DEFAULT false,
  attempts integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz,
  last_attempt_at timestamptz,
  response_status integer,
  latency_ms integer,
  error text,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT fk_webhook_deliveries_endpoint FOREIGN KEY (project_id, endpoint_id)
    REFERENCES webhook_endpoints (project_id, id) ON DELETE CASCADE,
  CONSTRAINT chk_webhook_deliveries_next CHECK ((status = 'pending') = (next_attempt_at IS NOT NULL))
);
CREATE INDEX idx_webhook_deliveries_pending ON webhook_deliveries (endpoint_id, n) WHERE status = 'pending';
CREATE INDEX idx_webhook_deliveries_endpoint ON webhook_deliveries (project_id, endpoint_id, n);
CREATE INDEX idx_webhook_deliveries_created ON webhook_deliveries (created_at) WHERE status <> 'pending';

-- Down Migration

DROP TABLE webhook_deliveries;
DROP TABLE webhook_endpoints;
