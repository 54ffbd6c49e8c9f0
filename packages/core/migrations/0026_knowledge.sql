-- Knowledge: the graph of the code and of what is around it, with its history.

-- Up Migration

CREATE TABLE graph_heads (
  project_id uuid PRIMARY KEY CONSTRAINT fk_graph_heads_project REFERENCES projects ON DELETE CASCADE,
  -- Rises with each change of the project's graph. Who makes one holds this row until it commits, so whoever has seen a revision
  -- has seen all before it.
  revision bigint NOT NULL DEFAULT 0,
  -- Rows were removed since: graphs in memory that are of an earlier revision have to be read whole.
  read_anew_at bigint NOT NULL DEFAULT 0,
  updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE graph_entities (
  project_id uuid NOT NULL CONSTRAINT fk_graph_entities_head REFERENCES graph_heads ON DELETE CASCADE,
  id text COLLATE "C" NOT NULL CONSTRAINT chk_graph_entities_id CHECK (octet_length(id) BETWEEN 1 AND 2000),
  type text NOT NULL CONSTRAINT chk_graph_entities_type CHECK (type IN ('file', 'directory', 'module', 'symbol', 'test', 'spec',
    'documentation', 'change', 'session', 'version', 'checkpoint', 'businessDomain', 'semanticCluster', 'securityIssue', 'vulnerability')),
  -- All else that its type says.
  data jsonb NOT NULL CONSTRAINT chk_graph_entities_data CHECK (jsonb_typeof(data) = 'object'),
  -- Who says that there is such an entity: parts of the code that were indexed; empty text for people. Nobody: it is gone.
  units text[] NOT NULL,
  -- What each of them says, where they are several; else that is what stands in the row.
  statements jsonb,
  valid_from timestamptz NOT NULL,
  valid_to timestamptz,
  -- In which revision of the graph it was last changed.
  revision bigint NOT NULL,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (project_id, id),
  CONSTRAINT chk_graph_entities_gone CHECK ((cardinality(units) = 0) = (valid_to IS NOT NULL)),
  CONSTRAINT chk_graph_entities_statements CHECK ((statements IS NOT NULL) = (cardinality(units) > 1)),
  CONSTRAINT chk_graph_entities_valid CHECK (valid_to >= valid_from)
);
CREATE INDEX idx_graph_entities_type ON graph_entities (project_id, type, id);
CREATE INDEX idx_graph_entities_revision ON graph_entities (project_id, revision);
CREATE INDEX idx_graph_entities_units ON graph_entities USING gin (units);
CREATE TRIGGER trg_graph_entities_insert_version BEFORE INSERT ON graph_entities FOR EACH ROW EXECUTE FUNCTION sb_insert_version();
CREATE TRIGGER trg_graph_entities_version BEFORE UPDATE ON graph_entities FOR EACH ROW EXECUTE FUNCTION sb_enforce_version();

-- What an entity was from one change of its content or place to the next (KG-208). Each follows the one with the number before.
CREATE TABLE graph_entity_versions (
  project_id uuid NOT NULL,
  entity_id text COLLATE "C" NOT NULL,
  number integer NOT NULL CONSTRAINT chk_graph_entity_versions_number CHECK (number >= 1),
  hash text NOT NULL,
  path text,
  language text,
  began_at timestamptz NOT NULL,
  -- Null while it is so.
  ended_at timestamptz,
  change_set_id text,
  -- What the entity said then; null for what it says now.
  data jsonb,
  PRIMARY KEY (project_id, entity_id, number),
  CONSTRAINT fk_graph_entity_versions_entity FOREIGN KEY (project_id, entity_id) REFERENCES graph_entities ON DELETE CASCADE,
  CONSTRAINT chk_graph_entity_versions_ended CHECK (ended_at >= began_at)
);
CREATE UNIQUE INDEX uq_graph_entity_versions_current ON graph_entity_versions (project_id, entity_id) WHERE ended_at IS NULL;
CREATE INDEX idx_graph_entity_versions_ended ON graph_entity_versions (project_id, ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE graph_relationships (
  project_id uuid NOT NULL CONSTRAINT fk_graph_relationships_head REFERENCES graph_heads ON DELETE CASCADE,
  id text COLLATE "C" NOT NULL CONSTRAINT chk_graph_relationships_id CHECK (octet_length(id) BETWEEN 1 AND 100),
  type text NOT NULL CONSTRAINT chk_graph_relationships_type CHECK (type IN ('CONTAINS', 'DEFINES', 'EXPORTS', 'IMPORTS', 'CALLS', 'REFERENCES',
    'IMPLEMENTS', 'EXTENDS', 'DEPENDS_ON', 'OVERRIDES', 'READS', 'WRITES', 'THROWS', 'TYPE_USES', 'RETURNS_TYPE', 'PARAM_TYPE', 'TESTS',
    'VALIDATES', 'REQUIRES', 'IMPACTS', 'IMPLEMENTS_SPEC', 'PREVIOUS_VERSION', 'MODIFIED_BY', 'CREATED_IN', 'MODIFIED_IN', 'REMOVED_IN', 'OF',
    'DESCRIBES_DOMAIN', 'BELONGS_TO_DOMAIN', 'DOCUMENTED_BY', 'CLUSTER_MEMBER', 'DOMAIN_RELATED', 'GOVERNED_BY', 'DOCUMENTS_SECTION',
    'HAS_SECURITY_ISSUE', 'DEPENDS_ON_VULNERABLE', 'SECURITY_IMPACTS', 'PERFORMANCE_IMPACT', 'PERFORMANCE_REGRESSION', 'COVERAGE_PROVIDES',
    'SESSION_MODIFIED', 'SESSION_IMPACTED', 'SESSION_CHECKPOINT', 'BROKE_IN', 'FIXED_IN', 'DEPENDS_ON_CHANGE', 'CHECKPOINT_INCLUDES')),
  -- No keys: an end may be something of which nobody knows more than its name.
  from_id text COLLATE "C" NOT NULL CONSTRAINT chk_graph_relationships_from CHECK (octet_length(from_id) BETWEEN 1 AND 2000),
  to_id text COLLATE "C" NOT NULL CONSTRAINT chk_graph_relationships_to CHECK (octet_length(to_id) BETWEEN 1 AND 2000),
  confidence double precision CONSTRAINT chk_graph_relationships_confidence CHECK (confidence BETWEEN 0 AND 1),
  data jsonb NOT NULL CONSTRAINT chk_graph_relationships_data CHECK (jsonb_typeof(data) = 'object'),
  units text[] NOT NULL,
  statements jsonb,
  -- The scan in which the only one who says so said it last.
  scan_id text,
  -- The last segment of its time; those before stand in graph_segments.
  valid_from timestamptz NOT NULL,
  valid_to timestamptz,
  change_set_id text,
  revision bigint NOT NULL,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (project_id, id),
  CONSTRAINT chk_graph_relationships_gone CHECK (cardinality(units) > 0 OR valid_to IS NOT NULL),
  CONSTRAINT chk_graph_relationships_statements CHECK ((statements IS NOT NULL) = (cardinality(units) > 1)),
  CONSTRAINT chk_graph_relationships_valid CHECK (valid_to >= valid_from)
);
CREATE INDEX idx_graph_relationships_from ON graph_relationships (project_id, from_id);
CREATE INDEX idx_graph_relationships_to ON graph_relationships (project_id, to_id);
CREATE INDEX idx_graph_relationships_revision ON graph_relationships (project_id, revision);
CREATE INDEX idx_graph_relationships_units ON graph_relationships USING gin (units);
CREATE TRIGGER trg_graph_relationships_insert_version BEFORE INSERT ON graph_relationships
  FOR EACH ROW EXECUTE FUNCTION sb_insert_version();
CREATE TRIGGER trg_graph_relationships_version BEFORE UPDATE ON graph_relationships FOR EACH ROW EXECUTE FUNCTION sb_enforce_version();

-- Times in which a relationship held before the one that stands in its row.
CREATE TABLE graph_segments (
  project_id uuid NOT NULL,
  relationship_id text COLLATE "C" NOT NULL,
  opened_at timestamptz NOT NULL,
  closed_at timestamptz NOT NULL,
  change_set_id text,
  PRIMARY KEY (project_id, relationship_id, opened_at),
  CONSTRAINT fk_graph_segments_relationship FOREIGN KEY (project_id, relationship_id) REFERENCES graph_relationships ON DELETE CASCADE,
  CONSTRAINT chk_graph_segments_order CHECK (closed_at >= opened_at)
);
CREATE INDEX idx_graph_segments_closed ON graph_segments (project_id, closed_at);

-- Segments of one relationship follow each other (KG-208).
CREATE FUNCTION sb_graph_segment_apart() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM graph_segments s WHERE s.project_id = NEW.project_id AND s.relationship_id = NEW.relationship_id
        AND s.opened_at < NEW.closed_at AND NEW.opened_at < s.closed_at)
      OR EXISTS (SELECT FROM graph_relationships r WHERE r.project_id = NEW.project_id AND r.id = NEW.relationship_id
        AND r.valid_from < NEW.closed_at) THEN
    RAISE EXCEPTION 'segments of % overlap', NEW.relationship_id
      USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'ex_graph_segments_apart';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER trg_graph_segments_apart BEFORE INSERT OR UPDATE ON graph_segments FOR EACH ROW EXECUTE FUNCTION sb_graph_segment_apart();

-- The series of reports of tools that were taken into the graph.
CREATE TABLE graph_reports (
  project_id uuid NOT NULL CONSTRAINT fk_graph_reports_head REFERENCES graph_heads ON DELETE CASCADE,
  -- Format and suite, with which the names of its units begin.
  prefix text COLLATE "C" NOT NULL,
  -- In whose names its reports speak.
  units text[] NOT NULL,
  PRIMARY KEY (project_id, prefix)
);

-- Down Migration

DROP TABLE graph_reports;
DROP TABLE graph_segments;
DROP FUNCTION sb_graph_segment_apart();
DROP TABLE graph_relationships;
DROP TABLE graph_entity_versions;
DROP TABLE graph_entities;
DROP TABLE graph_heads;
