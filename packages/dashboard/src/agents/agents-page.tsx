import { Button } from '@mantine/core';
import { IconFilterOff, IconRobotOff } from '@tabler/icons-react';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { Blank } from '../ui/blank.tsx';
import { formatCount } from '../ui/format.ts';
import { Listed } from '../ui/listed.tsx';
import { Page, Panel } from '../ui/page.tsx';
import { AgentCounts } from './agent-counts.tsx';
import { AgentFilterBar } from './agent-filter-bar.tsx';
import { AGENT_FILTER_NAMES, type AgentFilters, isNarrowed } from './agent-filters.ts';
import { AgentTable } from './agent-table.tsx';
import { useAgentMetrics, useAgents } from './use-agents.ts';

const route = getRouteApi('/agents');

/** Who works here, who is well, and who has room. */
export function AgentsPage() {
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/agents' });
  const filters: AgentFilters = Object.fromEntries(
    AGENT_FILTER_NAMES.flatMap((name) => (search[name] === undefined ? [] : [[name, search[name]]])),
  );
  const change = (next: AgentFilters) =>
    void navigate({ search: (before) => ({ project: before.project, ...next }), replace: true });
  const list = useAgents(filters);
  const metrics = useAgentMetrics();
  const { data } = metrics;
  return (
    <Page
      title="Agents"
      note={
        data &&
        `${formatCount(data.load)} of ${formatCount(data.capacity)} places taken · ${formatCount(data.queuedTasks)} tasks ready · ${formatCount(data.handoffCount)} handoffs`
      }
    >
      {data !== undefined && data.totalAgents > 0 && <AgentCounts counts={data.byStatus} />}
      {(isNarrowed(filters) || (list.total ?? 0) > 0) && <AgentFilterBar filters={filters} onChange={change} />}
      <Listed list={list} blank={<NoAgents filters={filters} onChange={change} />}>
        <Panel title={countText(list.total ?? 0)} note="heartbeats are read every two seconds">
          <AgentTable agents={list.items} />
        </Panel>
      </Listed>
    </Page>
  );
}

function NoAgents({ filters, onChange }: { filters: AgentFilters; onChange: (filters: AgentFilters) => void }) {
  if (isNarrowed(filters)) {
    return (
      <Blank icon={<IconFilterOff size={28} />} title="No agent fits these filters">
        <Button size="xs" variant="default" onClick={() => onChange({ sort: filters.sort })}>
          Clear the filters
        </Button>
      </Blank>
    );
  }
  return (
    <Blank icon={<IconRobotOff size={28} />} title="No agent is registered">
      Workers register with <code>POST /api/v1/agents</code> and are missed when they fall silent. Sessions that
      Signalbox runs itself need none.
    </Blank>
  );
}

function countText(total: number): string {
  return `${formatCount(total)} ${total === 1 ? 'agent' : 'agents'}`;
}
