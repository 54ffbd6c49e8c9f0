import { Skeleton } from '@mantine/core';
import type { SessionMetrics } from '@signalbox/client';
import { useQuery } from '@tanstack/react-query';
import { useRef } from 'react';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import { currentTime } from '../ui/clock.ts';
import { formatCost, formatCount, formatTokens, NOTHING } from '../ui/format.ts';
import { Panel } from '../ui/page.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import { type FleetUsage, readFleetUsage } from './fleet-usage.ts';
import classes from './usage-today.module.css';

const REFRESH_MS = 60_000;

/** What the sessions at work today have used. */
export function UsageToday() {
  const { client, project } = useApi();
  const remembered = useRef(new Map<string, { version: number; metrics: SessionMetrics }>());
  const { data, error } = useQuery({
    queryKey: [...keys.usage(project)],
    queryFn: ({ signal }) => readFleetUsage(client, startOfToday(), remembered.current, signal),
    staleTime: REFRESH_MS,
    refetchInterval: REFRESH_MS,
  });
  return (
    <Panel title="Used today" note={data === undefined ? undefined : basis(data)}>
      {data === undefined && error === null && <Skeleton height={48} m="sm" />}
      {error !== null && <ProblemNote error={error} />}
      {data !== undefined && (
        <dl className={classes.facts}>
          <Fact label="Cost" value={measured(data, formatCost(String(data.costMicroUsd)))} />
          <Fact label="Tokens" value={measured(data, formatTokens(String(data.tokens)))} />
          <Fact label="In" value={measured(data, formatTokens(String(data.inputTokens)))} />
          <Fact label="Out" value={measured(data, formatTokens(String(data.outputTokens)))} />
          <Fact label="Tool calls" value={formatCount(data.toolCalls)} />
        </dl>
      )}
    </Panel>
  );
}

function Fact({ label, value }: { label: string; value: string }) {
  return (
    <div className={classes.fact}>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  );
}

/** Where no session reported, nothing is known: that is not 0. */
function measured({ counted, unmeasured }: FleetUsage, text: string): string {
  return counted > 0 && unmeasured === counted ? NOTHING : text;
}

function basis({ counted, total, unmeasured }: FleetUsage): string {
  const sessions = counted < total ? `the ${counted} latest of ${total} sessions` : `${total} sessions`;
  return unmeasured > 0 && unmeasured < counted ? `${sessions}, ${unmeasured} without figures` : sessions;
}

function startOfToday(): Date {
  const day = currentTime();
  day.setHours(0, 0, 0, 0);
  return day;
}
