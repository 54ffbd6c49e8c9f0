import 'uplot/dist/uPlot.min.css';
import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import { formatClock } from '../ui/format.ts';
import classes from './monitoring.module.css';

const HEIGHT = 120;
const COLOURS = { light: '#0b6274', dark: '#6fd0e0' } as const;

interface Props {
  label: string;
  /** Oldest first. */
  points: readonly { timestamp: string; value: number }[];
  format: (value: number) => string;
  /** The top of the scale; null for what the values need. */
  most: number | null;
}

/** One figure over time. */
export default function TrendChart({ label, points, format, most }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const scheme = useComputedColorScheme('light');
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const data: uPlot.AlignedData = [
      points.map(({ timestamp }) => Date.parse(timestamp) / 1000),
      points.map(({ value }) => value),
    ];
    const plot = new uPlot(
      options({ width: element.clientWidth, scheme, format, most, dots: points.length < 3 }),
      data,
      element,
    );
    const observer = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
  }, [points, scheme, format, most]);
  const values = points.map(({ value }) => value);
  const latest = format(values.at(-1) ?? 0);
  const about = `${label}: ${latest} now, from ${format(Math.min(...values))} to ${format(Math.max(...values))} since ${formatClock(points[0]?.timestamp ?? '')}`;
  return (
    <div>
      <h3 className={classes.chartTitle}>
        {label} <span className={classes.latest}>{latest}</span>
      </h3>
      <div ref={place} role="img" aria-label={about} />
    </div>
  );
}

interface Drawing extends Pick<Props, 'format' | 'most'> {
  width: number;
  scheme: 'light' | 'dark';
  /** A line needs two ends: fewer are drawn as dots. */
  dots: boolean;
}

function options({ width, scheme, format, most, dots }: Drawing): uPlot.Options {
  const ink = scheme === 'light' ? '#56616c' : '#9aa5b1';
  const line = scheme === 'light' ? '#e6eaed' : '#262e37';
  const axis = { stroke: ink, grid: { stroke: line, width: 1 }, ticks: { show: false }, font: '11px system-ui' };
  return {
    width,
    height: HEIGHT,
    padding: [8, 8, 0, 0],
    cursor: { show: false },
    legend: { show: false },
    scales: { y: { range: (_plot, _min, max) => [0, most ?? Math.max(1, max * 1.15)] } },
    axes: [
      { ...axis, grid: { show: false }, size: 24, space: 70, values: (_plot, times) => times.map(timeText) },
      { ...axis, size: 58, space: 34, values: (_plot, values) => values.map(format) },
    ],
    series: [{}, { stroke: COLOURS[scheme], width: 1.6, points: { show: dots } }],
  };
}

function timeText(seconds: number): string {
  return formatClock(new Date(seconds * 1000).toISOString()).slice(0, 5);
}
