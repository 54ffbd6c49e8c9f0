import type { Database } from '@signalbox/core';

/**
 * Ten thousand sessions in one statement: through the API they would take more than a minute. `Session 09999` is the
 * newest. A tenth is pending, the others have ended.
 */
export async function insertTenThousandSessions(database: Database): Promise<void> {
  const text = `
    WITH made AS (
      INSERT INTO sessions (id, project_id, title, initial_prompt, priority, status, agent_role, tags, created_at)
      SELECT gen_random_uuid(), p.id, 'Session ' || lpad(n::text, 5, '0'), 'Look at it', n % 5,
             (ARRAY['pending', 'completed', 'failed', 'cancelled', 'timeout'])[1 + (n % 10 + 1) / 2 % 5], 'coder',
             CASE WHEN n % 7 = 0 THEN '["nightly"]'::jsonb ELSE '[]'::jsonb END, now() - (10000 - n) * interval '1 minute'
      FROM projects p, generate_series(0, 9999) n WHERE p.slug = 'default'
      RETURNING id, project_id
    ), measured AS (
      INSERT INTO session_metrics (session_id, project_id, total_tokens_used, estimated_cost_micro_usd)
      SELECT id, project_id, 1234, 5678 FROM made
    )
    INSERT INTO journal_heads (session_id, project_id) SELECT id, project_id FROM made`;
  await database.query({ name: '', text }, []);
  await database.query({ name: '', text: 'ANALYZE sessions' }, []);
}
