import { UnstyledButton } from '@mantine/core';
import type { JournalEvent } from '@signalbox/client';
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import { formatBytes, formatCost, formatTokens } from '../ui/format.ts';
import { ProblemNote } from '../ui/problem-note.tsx';
import { isStatus } from '../ui/status.ts';
import { StatusBadge } from '../ui/status-badge.tsx';
import { DiffView } from './diff-view.tsx';
import classes from './entry.module.css';
import { EntryFrame } from './entry-frame.tsx';
import { EVENT_KINDS } from './event-kinds.ts';
import { FileChangeLine } from './file-change-line.tsx';
import { pathsOf, phaseWords } from './path-phases.ts';
import { type Payload, payloadOf } from './payloads.ts';

interface Props {
  event: JournalEvent;
  sessionId: string;
  open: boolean;
  onToggle: () => void;
}

/** An entry that stands for itself: one line, and everything that was recorded when it is opened. */
export function EventItem({ event, sessionId, open, onToggle }: Props) {
  const { label, icon, tone } = EVENT_KINDS[event.type];
  const change = payloadOf(event, 'file_change');
  return (
    <EntryFrame icon={icon} tone={tone} at={event.occurredAt} seq={event.seq} kind={label}>
      <UnstyledButton className={classes.head} onClick={onToggle} aria-expanded={open}>
        {open ? <IconChevronDown size={13} aria-hidden /> : <IconChevronRight size={13} aria-hidden />}
        <span className={classes.line}>{headline(event)}</span>
      </UnstyledButton>
      {open && (change === null ? <Everything event={event} sessionId={sessionId} /> : <DiffView change={change} />)}
    </EntryFrame>
  );
}

/** The line for an event; what does not look as expected is named by its type. */
function headline(event: JournalEvent): ReactNode {
  const status = payloadOf(event, 'status');
  if (status !== null) return statusLine(status);
  const change = payloadOf(event, 'file_change');
  if (change !== null) return <FileChangeLine change={change} />;
  const error = payloadOf(event, 'error');
  if (error !== null) {
    return (
      <>
        <span className={classes.strong}>{error.name}</span>
        <span className={classes.text}>{error.message}</span>
      </>
    );
  }
  const permission = payloadOf(event, 'permission');
  if (permission !== null) {
    return (
      <>
        <span className={classes.strong}>{permission.decision === 'allow' ? 'Allowed' : 'Denied'}</span>
        <span>
          {permission.kind} {permission.title}
        </span>
        <span className={classes.mono}>
          {permission.patterns.filter((pattern) => pattern !== permission.title).join(' ')}
        </span>
        <span className={classes.muted}>by {permission.decidedBy}</span>
      </>
    );
  }
  const usage = payloadOf(event, 'usage');
  if (usage !== null) {
    return (
      <span className={classes.muted}>
        {[
          usage.model,
          `${formatTokens(usage.inputTokens)} in, ${formatTokens(usage.outputTokens)} out`,
          usage.costUsd === null ? null : formatCost(usage.costUsd * 1_000_000),
        ]
          .filter((part) => part !== null)
          .join(' · ')}
      </span>
    );
  }
  return (
    <>
      <span className={classes.strong}>{EVENT_KINDS[event.type].label}</span>
      {event.stateTransition !== null && <span>code is now {event.stateTransition.to}</span>}
      {event.impact !== null && <span>impact {event.impact.severity}</span>}
      {event.changeInfo !== null && <span className={classes.mono}>{event.changeInfo.entityIds.join(', ')}</span>}
      <span className={classes.muted}>by {event.actor}</span>
    </>
  );
}

function statusLine({ from, to, reason, phase, detail }: Payload<'status'>): ReactNode {
  if (to === undefined) {
    return (
      <>
        <span>{phaseWords(phase)}</span>
        <span className={classes.mono}>{pathsOf(detail).join(', ')}</span>
      </>
    );
  }
  return (
    <>
      {from !== undefined && <span className={classes.muted}>{from} →</span>}
      {isStatus(to) ? <StatusBadge status={to} /> : <span className={classes.strong}>{to}</span>}
      {reason !== null && reason !== undefined && <span className={classes.muted}>{reason}</span>}
    </>
  );
}

/** All that was recorded. Payloads over 64 KB stand apart and are read when they are looked at. */
function Everything({ event, sessionId }: { event: JournalEvent; sessionId: string }) {
  const { client, project } = useApi();
  const digest = event.payloadDigest;
  const apart = useQuery({
    queryKey: keys.sessionPart(project, sessionId, `payload ${digest}`),
    queryFn: ({ signal }) => client.journal.payload(sessionId, digest ?? '', { signal }),
    enabled: digest !== null,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (apart.error !== null) return <ProblemNote error={apart.error} />;
  if (digest !== null && apart.data === undefined) {
    return <p className={classes.muted}>Reading {formatBytes(event.payloadBytes)}…</p>;
  }
  const { changeInfo, stateTransition, impact, actor, seq, attempt, occurredAt, recordedAt } = event;
  const payload = digest === null ? event.payload : apart.data;
  const record = { seq, actor, attempt, occurredAt, recordedAt, changeInfo, stateTransition, impact, payload };
  const said = Object.fromEntries(Object.entries(record).filter(([, value]) => value !== null));
  return <pre className={classes.block}>{JSON.stringify(said, null, 2)}</pre>;
}
