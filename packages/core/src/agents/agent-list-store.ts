import { sql } from 'kysely';
import type { Executor } from '../platform/database/index.ts';
import { type FieldTable, type ListQuery, type ListSource, type Page, readPage } from '../platform/query/index.ts';
import { AGENT_DUTIES, AGENT_LIVENESSES, AGENT_STATUSES, type Agent } from './agent.ts';
import { AGENTS_HEAD, AGENTS_TAIL, type AgentRow, toAgent } from './agent-store.ts';

/** All that lists of agents can be filtered and sorted by. */
export const AGENT_FIELDS: FieldTable = {
  noun: 'agent',
  fields: {
    id: { kind: 'text', column: 's.id' },
    type: { kind: 'text', column: 's.type' },
    status: { kind: 'status', column: 's.status', values: AGENT_STATUSES },
    duty: { kind: 'enum', column: 's.duty', values: AGENT_DUTIES },
    liveness: { kind: 'enum', column: 's.liveness', values: AGENT_LIVENESSES },
    priority: { kind: 'number', column: 's.priority' },
    load: { kind: 'integer', column: 's.load' },
    held: { kind: 'integer', column: 's.held' },
    maxLoad: { kind: 'integer', column: 's.max_load' },
    lastHeartbeat: { kind: 'time', column: 's.last_heartbeat', nullable: true },
    errorRate: { kind: 'number', column: 's.error_rate' },
    totalTasksCompleted: { kind: 'number', column: 's.total_tasks_completed' },
    totalTasksFailed: { kind: 'number', column: 's.total_tasks_failed' },
    registeredAt: { kind: 'time', column: 's.registered_at' },
    updatedAt: { kind: 'time', column: 's.updated_at' },
    version: { kind: 'integer', column: 's.version' },
    capabilities: { kind: 'json', column: 's.capabilities' },
    metadata: { kind: 'json', column: 's.metadata' },
  },
  defaultSort: { by: 'registeredAt', order: 'asc' },
  // The place in the order of registration, in the form that cursors take.
  idColumn: 's.place',
  deletedColumn: null,
};

/** A page of the project's agents with their load, in the order of registration unless asked otherwise. */
export async function pageAgents(executor: Executor, projectId: string, query: ListQuery = {}): Promise<Page<Agent>> {
  const source: ListSource = {
    label: 'agents.list',
    table: AGENT_FIELDS,
    columns: sql`s.*`,
    from: sql`${sql.raw(AGENTS_HEAD)} sb_agents_work_in(${projectId}::uuid) ${sql.raw(AGENTS_TAIL)}`,
    scope: sql`s.project_id = ${projectId}::uuid`,
  };
  return readPage(
    executor,
    source,
    query,
    (row) => toAgent(row as AgentRow),
    (row) => String(row.place),
  );
}
