/** Numbers and times as the dashboard writes them. What was not measured is an en dash, never 0. */
export const NOTHING = '–';

const count = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const dateTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const clockTime = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});

export function formatCount(value: number | null | undefined): string {
  return value === null || value === undefined ? NOTHING : count.format(value);
}

/** 64-bit counts come as strings; 1,234 → `1.2K`. */
export function formatTokens(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return NOTHING;
  return compact.format(typeof value === 'string' ? BigInt(value) : value);
}

/** Millionths of a US dollar. Small amounts keep the digits that make them differ from nothing. */
export function formatCost(microUsd: string | number | null | undefined): string {
  if (microUsd === null || microUsd === undefined) return NOTHING;
  const usd = Number(microUsd) / 1_000_000;
  if (usd === 0) return '$0';
  return `$${usd.toFixed(usd < 0.01 ? 4 : usd < 1 ? 3 : 2)}`;
}

/** `1h 04m`, `4m 09s`, `9.2 s`, `320 ms`. */
export function formatDuration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return NOTHING;
  if (seconds < 0) return '0 s';
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.floor(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}m ${two(whole % 60)}s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours}h ${two(minutes % 60)}m`;
  return `${Math.floor(hours / 24)}d ${hours % 24}h`;
}

/** How long ago: `now`, `12s`, `4m`, `3h`, `6d`. */
export function formatAge(since: string | null | undefined, now: number): string {
  if (since === null || since === undefined) return NOTHING;
  const seconds = Math.floor((now - Date.parse(since)) / 1000);
  if (seconds < 2) return 'now';
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}

export function formatDateTime(iso: string | null | undefined): string {
  return iso === null || iso === undefined ? NOTHING : dateTime.format(new Date(iso));
}

export function formatClock(iso: string): string {
  return clockTime.format(new Date(iso));
}

export function formatBytes(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined) return NOTHING;
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 ** 2) return `${(bytes / 1024).toFixed(1)} KB`;
  return `${(bytes / 1024 ** 2).toFixed(1)} MB`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
