-- How often work of indexing was given back by a node that stopped as it should. Attempts tell who holds it and are never used twice.

-- Up Migration

ALTER TABLE graph_index_jobs ADD COLUMN given_back integer NOT NULL DEFAULT 0
  CONSTRAINT chk_graph_index_jobs_given_back CHECK (given_back BETWEEN 0 AND attempt);

-- Down Migration

ALTER TABLE graph_index_jobs DROP COLUMN given_back;
