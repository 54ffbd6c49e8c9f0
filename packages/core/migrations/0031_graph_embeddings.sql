-- Embeddings: vectors of what entities of the graph say, for search by meaning.

-- Up Migration

CREATE TABLE graph_embeddings (
  project_id uuid NOT NULL,
  entity_id text COLLATE "C" NOT NULL,
  -- Provider, model and dimensions: vectors of different spaces are never compared.
  space text NOT NULL CONSTRAINT chk_graph_embeddings_space CHECK (space <> ''),
  -- That of the entity when it was embedded.
  version integer NOT NULL,
  vector real[] NOT NULL CONSTRAINT chk_graph_embeddings_vector CHECK (cardinality(vector) > 0),
  -- Rises with each that is written, so that what is kept in memory can be told to be old.
  stamp bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  PRIMARY KEY (project_id, space, entity_id),
  CONSTRAINT fk_graph_embeddings_entity FOREIGN KEY (project_id, entity_id) REFERENCES graph_entities ON DELETE CASCADE
);
CREATE INDEX idx_graph_embeddings_entity ON graph_embeddings (project_id, entity_id);

-- Down Migration

DROP TABLE graph_embeddings;
