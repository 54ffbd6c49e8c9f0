import { SegmentedControl, Skeleton } from '@mantine/core';
import type { MonitoringTrends } from '@signalbox/client';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { Blank } from '../ui/blank.tsx';
import { formatBytes, formatDuration } from '../ui/format.ts';
import { Panel } from '../ui/page.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import classes from './monitoring.module.css';
import { useTrends } from './use-rollback.ts';

const TrendChart = lazy(() => import('./trend-chart.tsx'));
const route = getRouteApi('/rollback/monitoring');
/** Samples are kept for a day. */
const HOURS = ['1', '6', '24'];

/** How the figures developed over the last hours. */
export function TrendsPanel() {
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/rollback/monitoring' });
  const hours = HOURS.find((each) => each === search.hours) ?? '24';
  const { data, error } = useTrends(Number(hours));
  return (
    <Panel
      title="Trends"
      note={
        <SegmentedControl
          size="xs"
          aria-label="Hours shown"
          data={HOURS.map((value) => ({ value, label: value === '1' ? 'Last hour' : `${value} hours` }))}
          value={hours}
          onChange={(value) => void navigate({ search: (before) => ({ ...before, hours: value }), replace: true })}
        />
      }
    >
      {error !== null && <ProblemNote error={error} />}
      {data === undefined && error === null && <Skeleton height={140} m="sm" />}
      {data !== undefined && data.successRates.length === 0 && (
        <Blank title="No sample was taken in these hours">
          They are taken each half minute once there is a point, on a node that does maintenance.
        </Blank>
      )}
      {data !== undefined && data.successRates.length > 0 && <Charts trends={data} />}
    </Panel>
  );
}

function Charts({ trends: { successRates, operationTimes, memoryUsage } }: { trends: MonitoringTrends }) {
  const charts = [
    {
      label: 'Success rate',
      points: successRates.map(({ timestamp, rate }) => ({ timestamp, value: rate })),
      format: (value: number) => `${Math.round(value * 10) / 10} %`,
      most: 100,
    },
    {
      label: 'Average time',
      points: operationTimes.map(({ timestamp, averageTime }) => ({ timestamp, value: averageTime })),
      format: (value: number) => formatDuration(value / 1000),
      most: null,
    },
    {
      label: 'Storage',
      points: memoryUsage.map(({ timestamp, usage }) => ({ timestamp, value: usage })),
      format: formatBytes,
      most: null,
    },
  ];
  return (
    <div className={classes.charts}>
      {charts.map((chart) => (
        <Suspense key={chart.label} fallback={<Skeleton height={140} />}>
          <TrendChart {...chart} />
        </Suspense>
      ))}
    </div>
  );
}
