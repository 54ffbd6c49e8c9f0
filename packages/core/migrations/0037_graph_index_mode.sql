-- How TypeScript and JavaScript of a workspace are read.

-- Up Migration

ALTER TABLE graph_index_jobs ADD COLUMN mode text NOT NULL DEFAULT 'types'
  CONSTRAINT chk_graph_index_jobs_mode CHECK (mode IN ('types', 'structure'));

-- Down Migration

ALTER TABLE graph_index_jobs DROP COLUMN mode;
