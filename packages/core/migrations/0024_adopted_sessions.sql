-- Sessions of agents that people started themselves: told of by the agents' hooks, run by nobody here.

-- Up Migration

-- A conversation is what the agent itself calls its session. Each turn of it (a prompt and the work that follows) is a session.
CREATE TABLE adopted_conversations (
  project_id uuid NOT NULL CONSTRAINT fk_adopted_conversations_project REFERENCES projects ON DELETE CASCADE,
  source text NOT NULL CONSTRAINT chk_adopted_conversations_source CHECK (source IN ('claude-code', 'opencode')),
  -- How the agent names it.
  reference text NOT NULL CONSTRAINT chk_adopted_conversations_reference CHECK (length(reference) BETWEEN 1 AND 200),
  -- The session that its events go to now, and the first one, of which the later ones are children.
  session_id uuid NOT NULL,
  root_id uuid NOT NULL,
  -- Calls that wait for people just now.
  held_calls text[] NOT NULL DEFAULT '{}',
  -- Whether its session stands paused because it waits for people, and not because somebody paused it.
  waiting boolean NOT NULL DEFAULT false,
  -- Position in the workspace's chain up to which file changes have been journaled.
  told_position bigint NOT NULL DEFAULT 0,
  heard_at timestamptz NOT NULL,
  closed_at timestamptz,
  PRIMARY KEY (project_id, source, reference),
  CONSTRAINT fk_adopted_conversations_session FOREIGN KEY (project_id, session_id)
    REFERENCES sessions (project_id, id) ON DELETE CASCADE,
  CONSTRAINT fk_adopted_conversations_root FOREIGN KEY (project_id, root_id)
    REFERENCES sessions (project_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX uq_adopted_conversations_session ON adopted_conversations (session_id);
CREATE INDEX idx_adopted_conversations_root ON adopted_conversations (root_id);
CREATE INDEX idx_adopted_conversations_heard ON adopted_conversations (heard_at) WHERE closed_at IS NULL;

-- What was heard already: an event that comes again takes no effect again.
CREATE TABLE adopted_events (
  project_id uuid NOT NULL,
  event_id uuid NOT NULL,
  session_id uuid NOT NULL,
  heard_at timestamptz NOT NULL,
  PRIMARY KEY (project_id, event_id),
  CONSTRAINT fk_adopted_events_session FOREIGN KEY (project_id, session_id)
    REFERENCES sessions (project_id, id) ON DELETE CASCADE
);
CREATE INDEX idx_adopted_events_session ON adopted_events (session_id);
CREATE INDEX idx_adopted_events_heard ON adopted_events (heard_at);

-- Down Migration

DROP TABLE adopted_events;
DROP TABLE adopted_conversations;
