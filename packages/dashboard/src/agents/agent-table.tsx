import type { Agent } from '@signalbox/client';
import { Link } from '@tanstack/react-router';
import { useRef } from 'react';
import { Age } from '../ui/age.tsx';
import { formatCount } from '../ui/format.ts';
import table from '../ui/table.module.css';
import { useRowKeys } from '../ui/use-row-keys.ts';
import { AgentBadge } from './agent-badge.tsx';
import { errorRateText, meanDurationText } from './agent-figures.ts';
import classes from './agent-table.module.css';
import { Capabilities } from './capabilities.tsx';
import { LoadBar } from './load-bar.tsx';

/** Shown in a row; the rest of them stands on the agent's page. */
const CAPABILITIES_SHOWN = 4;

/** Agents, one row each. */
export function AgentTable({ agents }: { agents: readonly Agent[] }) {
  const body = useRef<HTMLTableSectionElement>(null);
  useRowKeys(body);
  return (
    <div className={table.scroll}>
      <table className={table.table}>
        <thead>
          <tr>
            <th>Agent</th>
            <th>Status</th>
            <th>Load</th>
            <th>Last heartbeat</th>
            <th>Capabilities</th>
            <th className={classes.end}>Completed</th>
            <th className={classes.end}>Failed</th>
            <th className={classes.end}>Error rate</th>
            <th className={classes.end}>Mean time</th>
          </tr>
        </thead>
        <tbody ref={body}>
          {agents.map((agent) => (
            <tr key={agent.id} data-agent={agent.id}>
              <td>
                <Link to="/agents/$agentId" params={{ agentId: agent.id }} className={classes.name} data-row>
                  {agent.id}
                </Link>
                <div className={table.muted}>{agent.type}</div>
              </td>
              <td>
                <AgentBadge status={agent.status} />
                {agent.recovery !== null && (
                  <div className={table.muted}>
                    {agent.recovery === 'attempted' ? 'called once more' : 'did not answer the call'}
                  </div>
                )}
              </td>
              <td>
                <LoadBar load={agent.load} maxLoad={agent.maxLoad} />
              </td>
              <td>{agent.lastHeartbeat === null ? 'none since the start' : <Age since={agent.lastHeartbeat} />}</td>
              <td>
                <Capabilities all={agent.capabilities} shown={CAPABILITIES_SHOWN} />
              </td>
              <td className={classes.end}>{formatCount(agent.totalTasksCompleted)}</td>
              <td className={classes.end}>{formatCount(agent.totalTasksFailed)}</td>
              <td className={classes.end}>{errorRateText(agent)}</td>
              <td className={classes.end}>{meanDurationText(agent)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
