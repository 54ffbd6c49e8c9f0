import { type Executor, statement } from '../database/index.ts';

const insert = statement(
  'feed.insert',
  `INSERT INTO feed_entries (project_id, topic, payload) VALUES ($1, $2, $3::jsonb)`,
);

export async function insertFeedEntry(
  executor: Executor,
  projectId: string,
  topic: string,
  payload: Record<string, unknown>,
): Promise<void> {
  await executor.query(insert, [projectId, topic, JSON.stringify(payload)]);
}
