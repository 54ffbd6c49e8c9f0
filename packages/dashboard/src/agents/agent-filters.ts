import type { ListQuery } from '@signalbox/client';
import { AGENT_STATUSES, type AgentStatus, isAgentStatus } from './agent-status.ts';

export const AGENT_FILTER_NAMES = ['status', 'q', 'type', 'capability', 'sort'] as const;
export type AgentFilters = { [Name in (typeof AGENT_FILTER_NAMES)[number]]?: string | undefined };

/** Orders that are offered; the key is what stands in the address. */
export const AGENT_ORDERS: Readonly<Record<string, { label: string; sortBy: string; sortOrder: 'asc' | 'desc' }>> = {
  load: { label: 'Most loaded first', sortBy: 'load', sortOrder: 'desc' },
  heartbeat: { label: 'Longest silent first', sortBy: 'lastHeartbeat', sortOrder: 'asc' },
  errors: { label: 'Highest error rate first', sortBy: 'errorRate', sortOrder: 'desc' },
  done: { label: 'Most completed first', sortBy: 'totalTasksCompleted', sortOrder: 'desc' },
  name: { label: 'By name', sortBy: 'id', sortOrder: 'asc' },
};

/** The statuses an address names; those that there are not are left out. */
export function statusesOf({ status }: AgentFilters): AgentStatus[] {
  const named = status?.split(',') ?? [];
  return AGENT_STATUSES.filter((each) => named.includes(each) && isAgentStatus(each));
}

/** What to ask the server for. */
export function agentQueryOf(filters: AgentFilters): ListQuery {
  const statuses = statusesOf(filters);
  const order = Object.hasOwn(AGENT_ORDERS, filters.sort ?? '') ? AGENT_ORDERS[filters.sort ?? ''] : undefined;
  return {
    ...(statuses.length === 0 ? {} : { 'status.in': statuses.join(',') }),
    ...(filters.q === undefined ? {} : { 'id.contains': filters.q }),
    ...(filters.type === undefined ? {} : { type: filters.type }),
    ...(filters.capability === undefined
      ? {}
      : { 'capabilities.json_contains': JSON.stringify([{ name: filters.capability }]) }),
    ...(order === undefined ? {} : { sortBy: order.sortBy, sortOrder: order.sortOrder }),
  };
}

/** Whether the list shows fewer than all agents; an order leaves none out. */
export function isNarrowed({ sort: _, ...filters }: AgentFilters): boolean {
  return Object.values(filters).some((value) => value !== undefined);
}
