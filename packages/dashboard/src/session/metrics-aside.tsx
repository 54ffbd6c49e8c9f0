import { isActive, type Session, type SessionMetrics } from '@signalbox/client';
import type { ReactNode } from 'react';
import { Age } from '../ui/age.tsx';
import { formatCost, formatCount, formatDateTime, formatDuration, formatTokens, NOTHING } from '../ui/format.ts';
import classes from './metrics-aside.module.css';

interface Props {
  session: Session;
  metrics: (SessionMetrics & { healthScore?: number; isRecoverable?: boolean }) | undefined;
  error: unknown;
}

/** What the attempt has used and when it did what. What was not measured says so. */
export function MetricsAside({ session, metrics, error }: Props) {
  if (metrics === undefined) {
    return (
      <aside className={classes.aside} aria-label="Metrics">
        <p className={classes.none}>{error === null ? 'Loading…' : 'The metrics could not be read.'}</p>
      </aside>
    );
  }
  return (
    <aside className={classes.aside} aria-label="Metrics">
      <Group title="Use">
        <Fact label="Cost" value={formatCost(metrics.estimatedCostMicroUsd)} strong />
        <Fact label="Tokens" value={formatTokens(metrics.totalTokensUsed)} strong />
        <Fact label="In / out" value={`${formatTokens(metrics.inputTokens)} / ${formatTokens(metrics.outputTokens)}`} />
        <Fact label="Reasoning" value={formatTokens(metrics.reasoningTokens)} />
        <Fact
          label="Cache read / write"
          value={`${formatTokens(metrics.cacheReadTokens)} / ${formatTokens(metrics.cacheWriteTokens)}`}
        />
        <Fact label="Tool calls" value={formatCount(metrics.toolCallsCount)} />
        <Fact
          label="Model calls"
          value={
            metrics.apiErrorsCount > 0
              ? `${formatCount(metrics.apiCallsCount)}, ${formatCount(metrics.apiErrorsCount)} failed`
              : formatCount(metrics.apiCallsCount)
          }
        />
      </Group>
      <Group title="Machine">
        <Fact
          label="CPU"
          value={metrics.cpuUsagePercent === null ? NOTHING : `${Math.round(metrics.cpuUsagePercent)} % of a core`}
        />
        <Fact label="CPU time" value={formatDuration(metrics.cpuSeconds)} />
        <Fact
          label="Memory, peak"
          value={metrics.memoryUsageMb === null ? NOTHING : `${Math.round(metrics.memoryUsageMb)} MB`}
        />
        <Fact label="Limits" value={limits(session)} />
      </Group>
      <Group title="Time">
        <Fact label="Created" value={<Age since={session.createdAt} />} />
        <Fact label="Started" value={formatDateTime(metrics.startedAt)} />
        {!isActive(session.status) && <Fact label="Ended" value={formatDateTime(metrics.endedAt)} />}
        <Fact label="Waited" value={formatDuration(metrics.queueDurationSeconds)} />
        <Fact label="Ran" value={formatDuration(metrics.executionDurationSeconds)} />
        {metrics.pausedSeconds > 0 && <Fact label="Paused" value={formatDuration(metrics.pausedSeconds)} />}
        <Fact label="Last event" value={<Age since={session.lastEventAt} />} />
      </Group>
      <Group title="State">
        {metrics.healthScore !== undefined && (
          <Fact label="Health" value={`${Math.round(metrics.healthScore * 100)} %`} />
        )}
        <Fact label="Code" value={session.codeState} />
        <Fact label="Events" value={formatCount(session.lastSeq)} />
        <Fact label="Checkpoints" value={formatCount(metrics.checkpointCount)} />
        <Fact label="Attempt" value={`${session.attempt} of ${session.maxRetries + 1}`} />
      </Group>
    </aside>
  );
}

function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={classes.group}>
      <h2 className={classes.title}>{title}</h2>
      <dl className={classes.facts}>{children}</dl>
    </section>
  );
}

function Fact({ label, value, strong = false }: { label: string; value: ReactNode; strong?: boolean }) {
  return (
    <div className={classes.fact}>
      <dt>{label}</dt>
      <dd data-strong={strong || undefined}>{value}</dd>
    </div>
  );
}

function limits({ limits: { cpuLimit, memoryLimitMb } }: Session): string {
  const parts = [
    cpuLimit === null ? null : `${cpuLimit} ${cpuLimit === 1 ? 'core' : 'cores'}`,
    memoryLimitMb === null ? null : `${memoryLimitMb} MB`,
  ].filter((part) => part !== null);
  return parts.length === 0 ? 'none' : parts.join(', ');
}
