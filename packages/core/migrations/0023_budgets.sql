-- Budgets: what sessions, agents and projects may spend, and what they have spent.

-- Up Migration

-- Booked in the transactions that add to the metrics of sessions; days of UTC. It goes with the metrics, not with the
-- session's row: that one may be held by whoever waits for the metrics.
CREATE TABLE session_spending (
  session_id uuid NOT NULL CONSTRAINT fk_session_spending_session REFERENCES session_metrics ON DELETE CASCADE,
  project_id uuid NOT NULL,
  attempt integer NOT NULL,
  day date NOT NULL,
  tokens bigint NOT NULL CONSTRAINT chk_session_spending_tokens CHECK (tokens >= 0),
  -- Millionths of a US dollar.
  cost_micro_usd bigint NOT NULL CONSTRAINT chk_session_spending_cost CHECK (cost_micro_usd >= 0),
  tool_calls bigint NOT NULL CONSTRAINT chk_session_spending_calls CHECK (tool_calls >= 0),
  -- Of running, pauses left out.
  seconds double precision NOT NULL CONSTRAINT chk_session_spending_seconds CHECK (seconds >= 0),
  PRIMARY KEY (session_id, attempt, day)
);

-- The same by who ran the sessions ('' where nobody is known): budgets of agents and projects add up few rows, whatever
-- ran, and what was spent stays spent when its session is gone.
CREATE TABLE agent_spending (
  project_id uuid NOT NULL CONSTRAINT fk_agent_spending_project REFERENCES projects ON DELETE CASCADE,
  agent text NOT NULL,
  day date NOT NULL,
  tokens bigint NOT NULL CONSTRAINT chk_agent_spending_tokens CHECK (tokens >= 0),
  cost_micro_usd bigint NOT NULL CONSTRAINT chk_agent_spending_cost CHECK (cost_micro_usd >= 0),
  tool_calls bigint NOT NULL CONSTRAINT chk_agent_spending_calls CHECK (tool_calls >= 0),
  seconds double precision NOT NULL CONSTRAINT chk_agent_spending_seconds CHECK (seconds >= 0),
  PRIMARY KEY (project_id, agent, day)
);

CREATE TABLE budgets (
  id uuid PRIMARY KEY,
  project_id uuid NOT NULL CONSTRAINT fk_budgets_project REFERENCES projects ON DELETE CASCADE,
  name text NOT NULL CONSTRAINT chk_budgets_name CHECK (name ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  scope text NOT NULL CONSTRAINT chk_budgets_scope CHECK (scope IN ('project', 'session', 'agent')),
  session_id uuid,
  agent text,
  limits jsonb NOT NULL CONSTRAINT chk_budgets_limits CHECK (jsonb_typeof(limits) = 'object' AND limits <> '{}'),
  period text NOT NULL CONSTRAINT chk_budgets_period CHECK (period IN ('total', 'day', 'month')),
  warning_share double precision NOT NULL CONSTRAINT chk_budgets_warning_share CHECK (warning_share > 0 AND warning_share <= 1),
  created_by text NOT NULL,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT uq_budgets_name UNIQUE (project_id, name),
  CONSTRAINT fk_budgets_session FOREIGN KEY (project_id, session_id) REFERENCES sessions (project_id, id) ON DELETE CASCADE,
  CONSTRAINT chk_budgets_owner CHECK ((scope = 'session') = (session_id IS NOT NULL) AND (scope = 'agent') = (agent IS NOT NULL))
);
CREATE INDEX idx_budgets_session ON budgets (project_id, session_id) WHERE session_id IS NOT NULL;
CREATE TRIGGER trg_budgets_insert_version BEFORE INSERT ON budgets FOR EACH ROW EXECUTE FUNCTION sb_insert_version();
CREATE TRIGGER trg_budgets_version BEFORE UPDATE ON budgets FOR EACH ROW EXECUTE FUNCTION sb_enforce_version();

-- What has been told of a version of a budget in a period, so that it is told once.
CREATE TABLE budget_notes (
  budget_id uuid NOT NULL CONSTRAINT fk_budget_notes_budget REFERENCES budgets ON DELETE CASCADE,
  version integer NOT NULL,
  since date NOT NULL,
  kind text NOT NULL CONSTRAINT chk_budget_notes_kind CHECK (kind IN ('warning', 'reached')),
  PRIMARY KEY (budget_id, version, since, kind)
);

-- Down Migration

DROP TABLE budget_notes;
DROP TABLE budgets;
DROP TABLE agent_spending;
DROP TABLE session_spending;
