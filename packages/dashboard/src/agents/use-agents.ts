import { type Agent, ApiError } from '@signalbox/client';
import { useQuery } from '@tanstack/react-query';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import { type Pages, usePages } from '../api/use-pages.ts';
import { type AgentFilters, agentQueryOf } from './agent-filters.ts';

/** Heartbeats are not told of as events: they come by the thousand. All else about agents is. */
const HEARTBEATS_MS = 2_000;
const PAGE_SIZE = 100;

/** Agents of the project, kept current. */
export function useAgents(filters: AgentFilters): Pages<Agent> {
  const { client, project } = useApi();
  const query = agentQueryOf(filters);
  return usePages({
    queryKey: [...keys.agents(project), 'list', query],
    read: (page, signal) => client.agents.list({ ...query, page, pageSize: PAGE_SIZE }, { signal }),
    everyMs: HEARTBEATS_MS,
  });
}

/** One agent, kept current. */
export function useAgent(id: string) {
  const { client, project } = useApi();
  return useQuery({
    queryKey: [...keys.agents(project), 'one', id],
    queryFn: ({ signal }) => client.agents.get(id, { signal }),
    // Of one that is not registered nothing is to be heard; that it registers again comes as an event.
    refetchInterval: ({ state }) => (isGone(state.error) ? false : HEARTBEATS_MS),
  });
}

/** Whether an agent is not registered, or not any more. */
export function isGone(error: unknown): boolean {
  return ApiError.is(error) && error.status === 404;
}

/** How the project's agents do together. */
export function useAgentMetrics() {
  const { client, project } = useApi();
  return useQuery({
    queryKey: [...keys.agents(project), 'metrics'],
    queryFn: ({ signal }) => client.agents.metrics({ signal }),
  });
}
