-- Topology: which services there are, what each depends on, and where that runs in circles.

-- Up Migration

CREATE TABLE topology_heads (
  project_id uuid PRIMARY KEY CONSTRAINT fk_topology_heads_project REFERENCES projects ON DELETE CASCADE,
  -- Rises with each change of what leads to what. Who makes one holds this row until it commits.
  revision bigint NOT NULL DEFAULT 0,
  updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE services (
  id uuid PRIMARY KEY,
  project_id uuid NOT NULL CONSTRAINT fk_services_head REFERENCES topology_heads ON DELETE CASCADE,
  -- The name by which traces, catalogs and people know it.
  key text COLLATE "C" NOT NULL CONSTRAINT chk_services_key CHECK (key ~ '^[^[:space:][:cntrl:]]{1,200}$'),
  name text NOT NULL CONSTRAINT chk_services_name CHECK (length(btrim(name)) BETWEEN 1 AND 200),
  criticality text NOT NULL CONSTRAINT chk_services_criticality CHECK (criticality IN ('low', 'medium', 'high', 'critical')),
  team text CONSTRAINT chk_services_team CHECK (length(btrim(team)) BETWEEN 1 AND 200),
  metadata jsonb NOT NULL DEFAULT '{}' CONSTRAINT chk_services_metadata CHECK (jsonb_typeof(metadata) = 'object'),
  -- Known only because something named it; nobody has described it yet.
  discovered boolean NOT NULL,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT uq_services_key UNIQUE (project_id, key),
  CONSTRAINT uq_services_project UNIQUE (project_id, id)
);
CREATE INDEX idx_services_created ON services (project_id, created_at DESC, id DESC);
CREATE INDEX idx_services_team ON services (project_id, team) WHERE team IS NOT NULL;
CREATE INDEX idx_services_criticality ON services (project_id, criticality);
CREATE INDEX idx_services_discovered ON services (project_id) WHERE discovered;

CREATE FUNCTION sb_touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW IS DISTINCT FROM OLD THEN
    NEW.updated_at := now();
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER trg_services_insert_version BEFORE INSERT ON services FOR EACH ROW EXECUTE FUNCTION sb_insert_version();
CREATE TRIGGER trg_services_touch BEFORE UPDATE ON services FOR EACH ROW EXECUTE FUNCTION sb_touch();
CREATE TRIGGER trg_services_version BEFORE UPDATE ON services FOR EACH ROW EXECUTE FUNCTION sb_enforce_version();

-- One row for each source that knows of a dependency, and each environment in which it does.
CREATE TABLE service_dependencies (
  id uuid PRIMARY KEY,
  project_id uuid NOT NULL,
  source_id uuid NOT NULL,
  target_id uuid NOT NULL,
  discovery_source text NOT NULL
    CONSTRAINT chk_service_dependencies_discovery CHECK (discovery_source ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  -- Empty text: in every environment.
  environment text COLLATE "C" NOT NULL DEFAULT ''
    CONSTRAINT chk_service_dependencies_environment CHECK (environment ~ '^[^[:space:][:cntrl:]]{0,100}$'),
  mode text NOT NULL CONSTRAINT chk_service_dependencies_mode CHECK (mode IN ('sync', 'async', 'unknown')),
  criticality text NOT NULL
    CONSTRAINT chk_service_dependencies_criticality CHECK (criticality IN ('low', 'medium', 'high', 'critical')),
  protocol text CONSTRAINT chk_service_dependencies_protocol CHECK (length(btrim(protocol)) BETWEEN 1 AND 60),
  timeout_ms integer CONSTRAINT chk_service_dependencies_timeout CHECK (timeout_ms > 0),
  retry jsonb CONSTRAINT chk_service_dependencies_retry CHECK (jsonb_typeof(retry) = 'object'),
  confidence double precision NOT NULL CONSTRAINT chk_service_dependencies_confidence CHECK (confidence BETWEEN 0 AND 1),
  last_observed_at timestamptz NOT NULL,
  stale boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT uq_service_dependencies UNIQUE (project_id, source_id, target_id, discovery_source, environment),
  CONSTRAINT chk_service_dependencies_apart CHECK (source_id <> target_id),
  CONSTRAINT fk_service_dependencies_source FOREIGN KEY (project_id, source_id) REFERENCES services (project_id, id) ON DELETE CASCADE,
  CONSTRAINT fk_service_dependencies_target FOREIGN KEY (project_id, target_id) REFERENCES services (project_id, id) ON DELETE CASCADE
);
CREATE INDEX idx_service_dependencies_source ON service_dependencies (project_id, source_id) WHERE NOT stale;
CREATE INDEX idx_service_dependencies_target ON service_dependencies (project_id, target_id) WHERE NOT stale;
CREATE INDEX idx_service_dependencies_pair ON service_dependencies (source_id, target_id);
-- For the key that deletes a service's dependencies, the stale ones too.
CREATE INDEX idx_service_dependencies_into ON service_dependencies (target_id);
CREATE INDEX idx_service_dependencies_discovery ON service_dependencies (project_id, discovery_source);
CREATE INDEX idx_service_dependencies_observed ON service_dependencies (project_id, last_observed_at DESC, id);
CREATE INDEX idx_service_dependencies_stale ON service_dependencies (project_id) WHERE stale;
CREATE TRIGGER trg_service_dependencies_touch BEFORE UPDATE ON service_dependencies FOR EACH ROW EXECUTE FUNCTION sb_touch();

CREATE TABLE cycle_alerts (
  id uuid PRIMARY KEY,
  project_id uuid NOT NULL CONSTRAINT fk_cycle_alerts_head REFERENCES topology_heads ON DELETE CASCADE,
  environment text COLLATE "C" NOT NULL DEFAULT '',
  -- Keys of services, each depending on the next and the last on the first; from the smallest on. They outlive the services.
  path jsonb NOT NULL CONSTRAINT chk_cycle_alerts_path CHECK (jsonb_typeof(path) = 'array' AND jsonb_array_length(path) >= 2),
  status text NOT NULL DEFAULT 'open' CONSTRAINT chk_cycle_alerts_status CHECK (status IN ('open', 'acknowledged', 'resolved')),
  acknowledged_by text,
  acknowledged_at timestamptz,
  resolved_by text,
  resolved_at timestamptz,
  resolution_notes text CONSTRAINT chk_cycle_alerts_notes CHECK (length(resolution_notes) <= 10000),
  -- When it was found: the last time that it came about, where it had been resolved before.
  detected_at timestamptz NOT NULL,
  times_detected integer NOT NULL DEFAULT 1 CONSTRAINT chk_cycle_alerts_times CHECK (times_detected >= 1),
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT chk_cycle_alerts_open CHECK (status <> 'open' OR (acknowledged_by IS NULL AND resolved_by IS NULL)),
  CONSTRAINT chk_cycle_alerts_acknowledged CHECK ((acknowledged_by IS NULL) = (acknowledged_at IS NULL)
    AND (status <> 'acknowledged' OR acknowledged_by IS NOT NULL)),
  CONSTRAINT chk_cycle_alerts_resolved CHECK ((status = 'resolved') = (resolved_by IS NOT NULL)
    AND (resolved_by IS NULL) = (resolved_at IS NULL))
);
-- Over a digest: a long cycle is longer than what an index takes.
CREATE UNIQUE INDEX uq_cycle_alerts_path ON cycle_alerts (project_id, environment, md5(path::text));
CREATE INDEX idx_cycle_alerts_unresolved ON cycle_alerts (project_id, detected_at DESC) WHERE status IN ('open', 'acknowledged');
CREATE INDEX idx_cycle_alerts_detected ON cycle_alerts (project_id, detected_at DESC, id DESC);

CREATE FUNCTION sb_cycle_alert_transition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.path <> OLD.path OR NEW.environment <> OLD.environment THEN
    RAISE EXCEPTION 'the cycle of an alert does not change' USING ERRCODE = 'check_violation', CONSTRAINT = 'chk_cycle_alerts_path';
  END IF;
  IF NEW.status <> OLD.status AND (OLD.status, NEW.status) NOT IN
      (('open', 'acknowledged'), ('open', 'resolved'), ('acknowledged', 'resolved'), ('resolved', 'open')) THEN
    RAISE EXCEPTION 'an alert does not go from % to %', OLD.status, NEW.status
      USING ERRCODE = 'SB002', CONSTRAINT = 'chk_cycle_alerts_transition';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER trg_cycle_alerts_insert_version BEFORE INSERT ON cycle_alerts FOR EACH ROW EXECUTE FUNCTION sb_insert_version();
CREATE TRIGGER trg_cycle_alerts_transition BEFORE UPDATE ON cycle_alerts FOR EACH ROW EXECUTE FUNCTION sb_cycle_alert_transition();
CREATE TRIGGER trg_cycle_alerts_touch BEFORE UPDATE ON cycle_alerts FOR EACH ROW EXECUTE FUNCTION sb_touch();
CREATE TRIGGER trg_cycle_alerts_version BEFORE UPDATE ON cycle_alerts FOR EACH ROW EXECUTE FUNCTION sb_enforce_version();

-- Which code is whose: paths within workspaces, and names of packages.
CREATE TABLE service_code_rules (
  id uuid PRIMARY KEY,
  project_id uuid NOT NULL,
  service_id uuid NOT NULL,
  -- Null: in every workspace of the project.
  workspace_id uuid,
  kind text NOT NULL CONSTRAINT chk_service_code_rules_kind CHECK (kind IN ('path', 'package')),
  pattern text NOT NULL CONSTRAINT chk_service_code_rules_pattern CHECK (length(pattern) BETWEEN 1 AND 500),
  stated_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT uq_service_code_rules UNIQUE NULLS NOT DISTINCT (project_id, service_id, kind, pattern, workspace_id),
  CONSTRAINT fk_service_code_rules_service FOREIGN KEY (project_id, service_id) REFERENCES services (project_id, id) ON DELETE CASCADE,
  CONSTRAINT fk_service_code_rules_workspace FOREIGN KEY (project_id, workspace_id) REFERENCES workspaces (project_id, id) ON DELETE CASCADE
);
CREATE INDEX idx_service_code_rules_service ON service_code_rules (service_id);
CREATE INDEX idx_service_code_rules_workspace ON service_code_rules (workspace_id) WHERE workspace_id IS NOT NULL;

-- Down Migration

DROP TABLE service_code_rules;
DROP TABLE cycle_alerts;
DROP FUNCTION sb_cycle_alert_transition();
DROP TABLE service_dependencies;
DROP TABLE services;
DROP FUNCTION sb_touch();
DROP TABLE topology_heads;
