import type { Agent } from '@signalbox/client';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Age } from '../ui/age.tsx';
import { Crumbs } from '../ui/crumbs.tsx';
import { formatCount, formatDateTime, NOTHING } from '../ui/format.ts';
import { Panel } from '../ui/page.tsx';
import { PageToCome } from '../ui/page-to-come.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import { AgentActions } from './agent-actions.tsx';
import { AgentBadge } from './agent-badge.tsx';
import { errorRateText, meanDurationText } from './agent-figures.ts';
import { AgentHistory } from './agent-history.tsx';
import { AgentLocks } from './agent-locks.tsx';
import classes from './agent-page.module.css';
import { AgentSessions } from './agent-sessions.tsx';
import { AGENT_LOOKS } from './agent-status.ts';
import { AgentTasks } from './agent-tasks.tsx';
import { Capabilities } from './capabilities.tsx';
import { LoadBar } from './load-bar.tsx';
import { isGone, useAgent } from './use-agents.ts';

const route = getRouteApi('/agents/$agentId');

/** One agent: how it stands, what it holds, what happened to it, and what can be done with it. */
export function AgentPage() {
  const { agentId } = route.useParams();
  return <OneAgent key={agentId} id={agentId} />;
}

function OneAgent({ id }: { id: string }) {
  const { data: agent, error, refetch } = useAgent(id);
  if (agent === undefined || isGone(error)) {
    return (
      <PageToCome title="Agent" error={error} onAgain={() => void refetch()}>
        <Link to="/agents">All agents</Link>
      </PageToCome>
    );
  }
  return (
    <div className={classes.page}>
      <header className={classes.header}>
        <Crumbs>
          <Link to="/agents">Agents</Link>
          <span>{agent.type}</span>
        </Crumbs>
        <div className={classes.line}>
          <h1 className={classes.title}>{agent.id}</h1>
          <AgentBadge status={agent.status} />
          <div className={classes.actions}>
            <AgentActions agent={agent} />
          </div>
        </div>
        <p className={classes.about}>{AGENT_LOOKS[agent.status].about}</p>
      </header>
      {error !== null && <ProblemNote error={error} />}
      <div className={classes.columns}>
        <div className={classes.column}>
          <AgentTasks agent={agent} />
          <AgentSessions agent={agent} />
          <AgentLocks agentId={agent.id} />
        </div>
        <div className={classes.column}>
          <Standing agent={agent} />
          <AgentHistory agent={agent} />
        </div>
      </div>
    </div>
  );
}

function Standing({ agent }: { agent: Agent }) {
  const metadata = Object.keys(agent.metadata).length > 0;
  return (
    <Panel title="How it stands">
      <dl className={classes.facts}>
        <Fact label="Load">
          <LoadBar load={agent.load} maxLoad={agent.maxLoad} />
        </Fact>
        <Fact label="Of that">
          {formatCount(agent.held)} held here
          {agent.reportedLoad === null ? '' : `, ${formatCount(agent.reportedLoad)} besides, as it says`}
        </Fact>
        <Fact label="Last heartbeat">
          {agent.lastHeartbeat === null ? (
            'none since the database began to listen'
          ) : (
            <Age since={agent.lastHeartbeat} />
          )}
        </Fact>
        {agent.deadAt !== null && <Fact label="Dead since">{formatDateTime(agent.deadAt)}</Fact>}
        {agent.recovery !== null && (
          <Fact label="Recovery">
            {agent.recovery === 'attempted' ? 'called once more' : 'it did not answer the call'}
          </Fact>
        )}
        <Fact label="Capabilities">
          <Capabilities all={agent.capabilities} />
        </Fact>
        <Fact label="Priority">{agent.priority}, higher is preferred</Fact>
        <Fact label="Completed">
          {formatCount(agent.totalTasksCompleted)} {agent.totalTasksCompleted === 1 ? 'task' : 'tasks'}
        </Fact>
        <Fact label="Failed">
          {formatCount(agent.totalTasksFailed)} {agent.totalTasksFailed === 1 ? 'attempt' : 'attempts'}
        </Fact>
        <Fact label="Error rate">{errorRateText(agent)}</Fact>
        <Fact label="Mean time">{meanDurationText(agent)}</Fact>
        <Fact label="Registered">{formatDateTime(agent.registeredAt)}</Fact>
        <Fact label="Metadata">
          {metadata ? <pre className={classes.json}>{JSON.stringify(agent.metadata, null, 2)}</pre> : NOTHING}
        </Fact>
      </dl>
    </Panel>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className={classes.fact}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}
