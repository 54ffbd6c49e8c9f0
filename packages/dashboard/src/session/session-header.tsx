import { Button, Progress } from '@mantine/core';
import { isActive, type Session, type SessionMetrics } from '@signalbox/client';
import { IconAlertOctagon, IconArrowBackUp } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useWorkspaceNames } from '../sessions/use-workspace-names.ts';
import { useNow } from '../ui/clock.ts';
import { Copyable } from '../ui/copyable.tsx';
import { Crumbs } from '../ui/crumbs.tsx';
import { elapsedSeconds } from '../ui/elapsed.ts';
import { formatDuration } from '../ui/format.ts';
import { StatusBadge } from '../ui/status-badge.tsx';
import { failureReason } from './failure-reason.ts';
import { SessionActions } from './session-actions.tsx';
import classes from './session-header.module.css';

interface Props {
  session: Session;
  metrics: SessionMetrics | undefined;
}

/** What a session is, how it stands, how far its time has gone, and what can be done with it. */
export function SessionHeader({ session, metrics }: Props) {
  const names = useWorkspaceNames();
  const reason = failureReason(session, metrics);
  const facts = [
    session.runtime ?? 'driven by its caller',
    session.agentRole,
    session.modelConfig,
    session.workspaceId === null ? null : (names.get(session.workspaceId) ?? null),
    session.isolation === 'worktree' ? 'apart, in a work tree' : null,
    session.attempt > 1 ? `attempt ${session.attempt}` : null,
  ].filter((fact) => fact !== null);
  return (
    <header className={classes.header}>
      <Crumbs>
        <Link to="/sessions">Sessions</Link>
        {session.parentId !== null && (
          <Link to="/sessions/$sessionId" params={{ sessionId: session.parentId }}>
            Parent session
          </Link>
        )}
        <Copyable text={session.id} shown={`${session.id.slice(0, 8)}…${session.id.slice(-4)}`} label="id" />
      </Crumbs>
      <div className={classes.line}>
        <h1 className={classes.title}>{session.title}</h1>
        <StatusBadge status={session.status} />
        <div className={classes.actions}>
          <SessionActions session={session} />
          {session.workspaceId !== null && <UndoLink sessionId={session.id} />}
        </div>
      </div>
      <div className={classes.facts}>
        <span>{facts.join(' · ')}</span>
        {session.codeState === 'broken' && <span className={classes.broken}>the journal says the code is broken</span>}
        {session.deletedAt !== null && <span className={classes.broken}>deleted</span>}
        <Elapsed session={session} metrics={metrics} />
      </div>
      {reason !== null && (
        <p className={classes.reason} data-tone="danger">
          <IconAlertOctagon size={15} aria-hidden />
          {reason}
        </p>
      )}
    </header>
  );
}

/** Where its changes were captured they can be undone, while it runs too. */
function UndoLink({ sessionId }: { sessionId: string }) {
  return (
    <Button
      size="xs"
      variant="default"
      leftSection={<IconArrowBackUp size={14} aria-hidden />}
      renderRoot={(props) => <Link to="/sessions/$sessionId/undo" params={{ sessionId }} {...props} />}
    >
      Undo…
    </Button>
  );
}

/** Time run against the limit. Pauses do not count. */
function Elapsed({ session, metrics }: Props) {
  const now = useNow();
  const seconds = metrics === undefined ? null : elapsedSeconds(session, metrics, now);
  if (seconds === null) return null;
  const limit = session.limits.maxDurationSeconds;
  const share = Math.min(100, (seconds / limit) * 100);
  return (
    <span className={classes.elapsed}>
      <Progress
        value={share}
        size={6}
        w={96}
        color={share >= 80 && isActive(session.status) ? 'orange.8' : 'signal'}
        aria-label={`${Math.round(share)} % of the time limit used`}
      />
      {formatDuration(seconds)} of {formatDuration(limit)}
    </span>
  );
}
