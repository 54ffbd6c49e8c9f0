import 'uplot/dist/uPlot.min.css';
import { Skeleton, useComputedColorScheme } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import { currentTime } from '../ui/clock.ts';
import { Panel } from '../ui/page.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import { type FinishedPerHour, readFinishedPerHour } from './finished-per-hour.ts';
import classes from './throughput.module.css';

const HEIGHT = 150;
const SERIES = [
  { name: 'completed', label: 'Completed', light: '#2f8f50', dark: '#5fbf7c' },
  { name: 'troubled', label: 'Failed, timed out, orphaned', light: '#c23a31', dark: '#f0776d' },
  { name: 'other', label: 'Cancelled, stopped, expired', light: '#8a95a1', dark: '#77828f' },
] as const;

/** How many sessions ended in each of the last 24 hours, and how. */
export default function Throughput() {
  const { client, project } = useApi();
  const { data, error } = useQuery({
    queryKey: keys.throughput(project),
    queryFn: ({ signal }) => readFinishedPerHour(client, currentTime(), signal),
    staleTime: 30_000,
    refetchInterval: 60_000,
  });
  return (
    <Panel
      title="Finished per hour"
      note={data !== undefined && !data.complete ? 'last 24 hours, the 1,000 latest only' : 'last 24 hours'}
    >
      {error !== null && data === undefined && <ProblemNote error={error} />}
      {data === undefined && error === null && <Skeleton height={HEIGHT} m="sm" />}
      {data !== undefined && <Chart data={data} />}
    </Panel>
  );
}

function Chart({ data }: { data: FinishedPerHour }) {
  const place = useRef<HTMLDivElement>(null);
  const scheme = useComputedColorScheme('light');
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const plot = new uPlot(options(element.clientWidth, scheme), stacked(data), element);
    const observer = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
  }, [data, scheme]);
  const sums = SERIES.map(({ name, label }) => `${label}: ${data[name].reduce((a, b) => a + b, 0)}`);
  return (
    <div className={classes.chart}>
      <div ref={place} role="img" aria-label={`Sessions finished in the last 24 hours. ${sums.join('. ')}.`} />
      <ul className={classes.legend} aria-hidden>
        {SERIES.map((series, index) => (
          <li key={series.name}>
            <span className={classes.swatch} style={{ background: series[scheme] }} />
            {sums[index]}
          </li>
        ))}
      </ul>
    </div>
  );
}

/** uPlot draws bars from zero: the tallest sum first, each smaller one over it. */
function stacked({ starts, completed, troubled, other }: FinishedPerHour): uPlot.AlignedData {
  const withTroubled = completed.map((count, hour) => count + (troubled[hour] ?? 0));
  const all = withTroubled.map((count, hour) => count + (other[hour] ?? 0));
  return [starts, all, withTroubled, completed];
}

function options(width: number, scheme: 'light' | 'dark'): uPlot.Options {
  const ink = scheme === 'light' ? '#56616c' : '#9aa5b1';
  const line = scheme === 'light' ? '#e6eaed' : '#262e37';
  const bars = uPlot.paths.bars?.({ size: [0.72, 22], align: 1 });
  const axis = { stroke: ink, grid: { stroke: line, width: 1 }, ticks: { show: false }, font: '11px system-ui' };
  const bar = (color: string) => ({
    fill: color,
    stroke: color,
    width: 0,
    points: { show: false },
    ...(bars && { paths: bars }),
  });
  const [completed, troubled, other] = SERIES;
  return {
    width,
    height: HEIGHT,
    padding: [8, 8, 0, 0],
    cursor: { show: false },
    legend: { show: false },
    scales: {
      x: { range: (_plot, min, max) => [min, max + 3600] },
      y: { range: (_plot, _min, max) => [0, Math.max(4, Math.ceil(max * 1.1))] },
    },
    axes: [
      { ...axis, grid: { show: false }, size: 26, values: (_plot, times) => times.map(hourText) },
      { ...axis, size: 34, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] },
    ],
    series: [{}, bar(other[scheme]), bar(troubled[scheme]), bar(completed[scheme])],
  };
}

function hourText(seconds: number): string {
  return new Date(seconds * 1000).toLocaleTimeString(undefined, {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
}
