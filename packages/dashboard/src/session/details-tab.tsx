import type { Session, SessionMetrics } from '@signalbox/client';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import { useWorkspaces } from '../sessions/use-workspace-names.ts';
import { Copyable } from '../ui/copyable.tsx';
import { formatDateTime, formatDuration, NOTHING } from '../ui/format.ts';
import { PRIORITIES } from '../ui/priority.ts';
import { StatusBadge } from '../ui/status-badge.tsx';
import classes from './details-tab.module.css';
import entry from './entry.module.css';
import { WorkTreeLine } from './work-tree-line.tsx';

/** Everything that is known of a session and not shown elsewhere. */
export default function DetailsTab({ session, metrics }: { session: Session; metrics: SessionMetrics | undefined }) {
  const workspaces = useWorkspaces();
  const workspace = workspaces.data?.items.find(({ id }) => id === session.workspaceId);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by the keyboard
    <section className={classes.tab} aria-label="Details" tabIndex={0}>
      <Part title="Prompt">
        <pre className={entry.block}>{session.initialPrompt}</pre>
      </Part>
      {session.description !== null && (
        <Part title="Description">
          <p className={classes.text}>{session.description}</p>
        </Part>
      )}
      {session.command !== null && (
        <Part title="Command">
          <Copyable text={session.command.join(' ')} label="command" />
        </Part>
      )}
      {metrics !== undefined && metrics.error !== null && <Json title="Error" value={metrics.error} />}
      {metrics !== undefined && metrics.result !== null && <Json title="Result" value={metrics.result} />}
      <Part title="Identity">
        <dl className={classes.facts}>
          <Fact label="Session" value={<Copyable text={session.id} label="session id" />} />
          <Fact label="Project" value={<Copyable text={session.projectId} label="project id" />} />
          {session.parentId !== null && (
            <Fact
              label="Parent"
              value={
                <Link to="/sessions/$sessionId" params={{ sessionId: session.parentId }}>
                  {session.parentId}
                </Link>
              }
            />
          )}
          {session.taskId !== null && (
            <Fact
              label="Task"
              value={
                <Link to="/tasks/$taskId" params={{ taskId: session.taskId }}>
                  {session.taskId}
                </Link>
              }
            />
          )}
          {session.runtimeSession !== null && (
            <Fact
              label="In its runtime"
              value={<Copyable text={session.runtimeSession.runtimeSessionId} label="runtime’s id" />}
            />
          )}
          <Fact
            label="Workspace"
            value={
              workspace === undefined ? (
                (session.workspaceId ?? NOTHING)
              ) : (
                <Copyable text={workspace.path} label="path" />
              )
            }
          />
          {session.isolation === 'worktree' && <Fact label="Works apart" value={<WorkTreeLine session={session} />} />}
          <Fact
            label="Created"
            value={`${formatDateTime(session.createdAt)} by ${session.createdBy ?? 'nobody named'}`}
          />
          <Fact label="Changed" value={`${formatDateTime(session.updatedAt)}, version ${session.version}`} />
        </dl>
      </Part>
      <Part title="How it runs">
        <dl className={classes.facts}>
          <Fact label="Runtime" value={session.runtime ?? 'driven by its caller'} />
          <Fact label="Type" value={session.sessionType} />
          <Fact label="Priority" value={PRIORITIES[session.priority]?.label ?? session.priority} />
          <Fact label="Role" value={session.agentRole ?? NOTHING} />
          <Fact label="Model" value={session.modelConfig ?? 'the runtime’s own'} />
          <Fact label="Time limit" value={formatDuration(session.limits.maxDurationSeconds)} />
          <Fact
            label="When orphaned"
            value={session.onOrphan === 'resume' ? 'resumes by itself' : 'waits for a retry'}
          />
          <Fact label="Expires" value={formatDateTime(session.expiresAt)} />
          <Fact label="Agents" value={session.agentIds.join(', ') || NOTHING} />
          <Fact label="Tags" value={session.tags.join(', ') || NOTHING} />
        </dl>
      </Part>
      <Json title="Agent configuration" value={session.agentConfig} />
      <Json title="Metadata" value={session.metadata} />
      <Attempts session={session} />
    </section>
  );
}

function Attempts({ session }: { session: Session }) {
  const { client, project } = useApi();
  const { data } = useQuery({
    queryKey: keys.sessionPart(project, session.id, 'attempts'),
    queryFn: ({ signal }) => client.sessions.attempts(session.id, { signal }),
    enabled: session.attempt > 1,
  });
  if (session.attempt <= 1) return null;
  return (
    <Part title="Earlier attempts">
      <ul className={classes.attempts}>
        {data?.items.map((attempt) => (
          <li key={attempt.attempt}>
            <span className={entry.strong}>Attempt {attempt.attempt}</span> <StatusBadge status={attempt.status} />{' '}
            <span className={entry.muted}>
              {formatDateTime(attempt.startedAt)} to {formatDateTime(attempt.endedAt)}
            </span>
            {attempt.error !== null && <pre className={entry.block}>{JSON.stringify(attempt.error, null, 2)}</pre>}
          </li>
        ))}
      </ul>
    </Part>
  );
}

function Json({ title, value }: { title: string; value: unknown }) {
  if (typeof value === 'object' && value !== null && Object.keys(value).length === 0) return null;
  return (
    <Part title={title}>
      <pre className={entry.block}>{JSON.stringify(value, null, 2)}</pre>
    </Part>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={classes.part}>
      <h2 className={classes.title}>{title}</h2>
      {children}
    </section>
  );
}

function Fact({ label, value }: { label: string; value: ReactNode }) {
  return (
    <div className={classes.fact}>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  );
}
