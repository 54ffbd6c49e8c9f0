import type { z } from 'zod';
import { type CamelRow, camelRow, type Executor, statement } from '../platform/database/index.ts';
import { type AgentSettings, agentSettingsSchema, type updateAgentSettingsSchema } from './agent-settings.ts';

const COLUMNS = `s.project_id, s.heartbeat_interval, s.heartbeat_timeout, s.max_missed_heartbeats, s.enable_auto_recovery, s.recovery_delay,
  s.assign_queues, jsonb_build_object('type', s.strategy, 'config', s.strategy_config) AS strategy, s.handoff_days, s.version, s.updated_at`;

const get = statement('agents.settings', `SELECT ${COLUMNS} FROM agent_settings s WHERE s.project_id = $1`);

export async function getAgentSettings(executor: Executor, projectId: string): Promise<AgentSettings | null> {
  const [row] = await executor.query<CamelRow>(get, [projectId]);
  return row ? agentSettingsSchema.parse(camelRow(row)) : null;
}

const update = statement(
  'agents.settings_update',
  `UPDATE agent_settings s SET heartbeat_interval = coalesce($3, s.heartbeat_interval),
     heartbeat_timeout = coalesce($4, s.heartbeat_timeout), max_missed_heartbeats = coalesce($5, s.max_missed_heartbeats),
     enable_auto_recovery = coalesce($6, s.enable_auto_recovery), recovery_delay = coalesce($7, s.recovery_delay),
     assign_queues = coalesce($8, s.assign_queues), strategy = coalesce($9, s.strategy),
     strategy_config = coalesce($10, s.strategy_config), handoff_days = coalesce($11, s.handoff_days),
     version = s.version + 1, updated_at = now()
   WHERE s.project_id = $1 AND ($2::integer IS NULL OR s.version = $2) RETURNING ${COLUMNS}`,
);

/** Null when the version is not the present one. */
export async function updateAgentSettings(
  executor: Executor,
  projectId: string,
  version: number | undefined,
  change: z.output<typeof updateAgentSettingsSchema>,
): Promise<AgentSettings | null> {
  const [row] = await executor.query<CamelRow>(update, [
    projectId,
    version ?? null,
    change.heartbeatInterval ?? null,
    change.heartbeatTimeout ?? null,
    change.maxMissedHeartbeats ?? null,
    change.enableAutoRecovery ?? null,
    change.recoveryDelay ?? null,
    change.assignQueues ?? null,
    change.strategy?.type ?? null,
    change.strategy ? JSON.stringify(change.strategy.config) : null,
    change.handoffDays ?? null,
  ]);
  return row ? agentSettingsSchema.parse(camelRow(row)) : null;
}
